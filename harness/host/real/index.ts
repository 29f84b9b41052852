export { RealMachine, type RealAgreement } from './real-machine.ts'
