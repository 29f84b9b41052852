// harness/vitest/requirements.ts: names in vitest's JUnit report which requirements a test verifies. Exported as
// `powercut/vitest/requirements`, apart from the campaigns and without any import of theirs: a setup file is run with each
// test file.
//
// 1. A test names them as tags of its own or of the suites around it: `it('…', { tags: ['STO-04'] }, …)`. Tags that are no
//    ids are left alone; whether there is a requirement of that id, `powercut trace` says.
// 2. They become annotations when the test is executed, and with them properties of its case in the report: a test that
//    was not executed names nothing.
// 3. A test that skips itself with a reason, `skip('only on Linux')`, has it as a property as well. One that is declared
//    with `it.skip` or `it.skipIf` runs no hook, and can give none.

import { beforeEach, type TestContext } from 'vitest'

/** An id is in capitals and has a digit. */
const LIKE_AN_ID = /^(?=.*\d)[A-Z][A-Z0-9-]*$/

/**
 * Called in a setup file of vitest 4.1 or newer. Before that there are no tags, and tests call
 * `annotate('STO-04', 'requirement')` themselves.
 */
export function annotateRequirements(): void {
  beforeEach(async (context) => {
    const { task, annotate } = context
    for (const tag of task.tags ?? []) if (LIKE_AN_ID.test(tag)) await annotate(tag, 'requirement')
    Object.assign(context, { skip: sayingWhy(context) })
  })
}

function sayingWhy({ skip, annotate }: TestContext): TestContext['skip'] {
  function skipAndSay(note?: string): never
  function skipAndSay(condition: boolean, note?: string): void
  function skipAndSay(condition?: boolean | string, note?: string): void {
    if (condition === false) return
    const reason = typeof condition === 'string' ? condition : note
    if (reason !== undefined) void annotate(reason, 'skip-reason')
    skip(reason)
  }
  return skipAndSay
}
