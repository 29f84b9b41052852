export {
  DAMAGE_KINDS,
  DamageSpace,
  SMALL_IMAGE_BYTES,
  type Damage,
  type DamagedGround,
  type DamageKind,
  type FileRange,
} from './damage.ts'
export { contentOf, settledImage, withContent, withoutFile } from './settled.ts'
