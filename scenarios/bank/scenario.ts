// scenarios/bank/scenario.ts: transfers between accounts whose sum never changes.
//
// 1. The model is the list of balances by account number; empty until the accounts are opened, all in one transaction.
// 2. A transfer changes two rows in one transaction. What it moves follows from its number and the balances alone.
// 3. Every fifth step begins a transfer, takes the money from one account, and aborts: nothing of it may stay.
// 4. The table does not grow: the cost of a step does not depend on how many went before.

import { column, defineSchema, type UpdateTransaction } from '../../engine/index.ts'
import { scenario, step, times, type Parameters, type Step } from '../contract.ts'
import { salvageParts } from '../engine-salvage.ts'
import { EngineSession, engineDoor, numberOf, packOf } from '../engine-store.ts'

const schema = defineSchema({
  account: {
    columns: { id: column.integer(), owner: column.string(), balance: column.integer() },
    primaryKey: 'id',
  },
})

type Session = EngineSession<typeof schema>
type Transaction = UpdateTransaction<typeof schema>
type Model = readonly number[]

type Transfer = Readonly<{ from: number; to: number; amountMax: number }>

const OPENING_BALANCE = 100
/** Every so many transfers, one is aborted. */
const ABORT_EVERY = 5
/** What the probe does: it opens so many accounts in an empty bank, and makes this transfer in any other. */
const PROBE_ACCOUNTS = 2
const PROBE_TRANSFER: Transfer = { from: 0, to: 1, amountMax: 1 }

/** The i-th transfer: deterministic, between two different accounts, not the same two each time. */
function transferOf(i: number, accounts: number): Transfer {
  const from = (i * 7) % accounts
  const to = (from + 1 + ((i * 3) % (accounts - 1))) % accounts
  return { from, to, amountMax: 1 + ((i * 13) % 50) }
}

function amountOf(transfer: Transfer, balance: number): number {
  return Math.min(transfer.amountMax, balance)
}

function balanceOf(transaction: Transaction, id: number): number {
  const row = transaction.get('account', id)
  if (row === undefined) throw new Error(`account ${id} is missing`)
  return row.balance
}

function runTransfer(session: Session, transfer: Transfer): void {
  session.database.update((transaction) => {
    const balance = balanceOf(transaction, transfer.from)
    const amount = amountOf(transfer, balance)
    transaction.update('account', transfer.from, { balance: balance - amount })
    transaction.update('account', transfer.to, { balance: balanceOf(transaction, transfer.to) + amount })
  })
  session.committed()
}

function runAborted(session: Session, transfer: Transfer): void {
  const transaction = session.database.begin()
  try {
    const balance = balanceOf(transaction, transfer.from)
    transaction.update('account', transfer.from, { balance: balance - amountOf(transfer, balance) })
  } finally {
    transaction.abort()
  }
}

function afterTransfer(balances: Model, transfer: Transfer): Model {
  const amount = amountOf(transfer, balances[transfer.from] ?? 0)
  return balances.map((balance, id) => {
    if (id === transfer.from) return balance - amount
    return id === transfer.to ? balance + amount : balance
  })
}

function accountsOf(parameters: Parameters): number {
  const accounts = numberOf(parameters, 'accounts')
  if (accounts < 2) throw new RangeError(`parameter 'accounts' must be at least 2, not ${accounts}`)
  return accounts
}

function runOpening(session: Session, accounts: number): void {
  session.database.update((transaction) => {
    for (let id = 0; id < accounts; id += 1)
      transaction.insert('account', { id, owner: `owner ${id}`, balance: OPENING_BALANCE })
  })
  session.committed()
}

function opened(accounts: number): Model {
  return times(accounts, () => OPENING_BALANCE)
}

function steps(parameters: Parameters): readonly Step<Session, Model>[] {
  const accounts = accountsOf(parameters)
  const transfers = times(numberOf(parameters, 'transfers'), (i): Step<Session, Model> => {
    const transfer = transferOf(i, accounts)
    if (i % ABORT_EVERY === ABORT_EVERY - 1)
      return step(`aborted transfer ${i}`, {
        run: (session) => runAborted(session, transfer),
        model: (balances) => balances,
      })
    return step(`transfer ${i}`, {
      run: (session) => runTransfer(session, transfer),
      model: (balances) => afterTransfer(balances, transfer),
    })
  })
  const opening: Step<Session, Model> = step('open accounts', {
    run: (session) => runOpening(session, accounts),
    model: () => opened(accounts),
  })
  return [opening, ...transfers]
}

export const bank = scenario<Session, Model>({
  name: 'bank',
  summary: 'transfers between accounts whose sum never changes, some of them aborted',
  requirements: ['QA-30', 'REC-08', 'REC-09'],
  parameters: { accounts: 16, transfers: 40, fanOut: 8, packBytes: 4096, markerBytes: 512 },
  swarm: {
    accounts: [2, 5, 9],
    transfers: [6, 15, 30],
    fanOut: [4, 8, 32],
    packBytes: [4096, 8192, 65_536],
    markerBytes: [512, 1024, 4096],
  },
  open: (world, parameters) =>
    new EngineSession(world, {
      name: 'bank',
      schema,
      fanOut: numberOf(parameters, 'fanOut'),
      pack: packOf(parameters),
    }),
  steps,
  initial: () => [],
  read: (session) =>
    session.database.read((reader) => {
      const balances: number[] = []
      for (const row of reader.scan('account')) {
        if (row.id !== balances.length) throw new Error(`account ${balances.length} is missing`)
        balances.push(row.balance)
      }
      return balances
    }),
  parts: {
    of: (balances) => Object.fromEntries(balances.map((balance, id) => [String(id), balance])),
    read: (session, name) => session.database.read((reader) => reader.get('account', Number(name))?.balance),
  },
  salvage: (world) =>
    salvageParts(world, 'bank', schema, (reader) =>
      Array.from(reader.scan('account'), ({ id, balance }) => ({ name: String(id), value: balance, primaryKey: id })),
    ),
  invariant: (balances) => {
    const sum = balances.reduce((total, balance) => total + balance, 0)
    const wanted = balances.length * OPENING_BALANCE
    return sum === wanted ? undefined : `the sum of ${balances.length} accounts is ${sum} instead of ${wanted}`
  },
  probe: step('one more transfer', {
    run: (session) => {
      if (session.database.read((reader) => reader.count('account')) === 0) runOpening(session, PROBE_ACCOUNTS)
      else runTransfer(session, PROBE_TRANSFER)
    },
    model: (balances) => (balances.length === 0 ? opened(PROBE_ACCOUNTS) : afterTransfer(balances, PROBE_TRANSFER)),
  }),
  milestones: { rollOver: 1, marker: 5 },
  models: ['posix-minimal', 'ext4-ordered', 'process-kill'],
  ...engineDoor(packOf),
})
