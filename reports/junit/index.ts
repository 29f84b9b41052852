export { JunitCases } from './junit-cases.ts'
export {
  TEST_OUTCOMES,
  readJunit,
  type JunitResults,
  type Property,
  type TestCase,
  type TestOutcome,
} from './read-junit.ts'
export { XmlError, parseXml, type XmlNode } from './xml-reader.ts'
export { xmlElement, type XmlElement } from './xml.ts'
