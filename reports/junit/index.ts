export { JunitCases } from './junit-cases.ts'
