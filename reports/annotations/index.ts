export {
  ANNOTATION_SYSTEMS,
  annotationLines,
  detectAnnotationSystem,
  SHOWN_MAX,
  type AnnotationSystem,
} from './annotations.ts'
export { codeQualityText } from './code-quality.ts'
