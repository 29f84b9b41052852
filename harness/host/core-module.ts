// harness/host/core-module.ts: where the module is that makes the real core. It is named by URL and not imported here:
// importing it loads the core, which must come after a mutant's hook.

/** URL of a module that exports `createCore()`. */
export const CORE_MODULE = new URL(`./core${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href
