export { Cursor, type Bound, type CursorRange } from './cursor.ts'
export type { DamageReport, ItemStore } from './item-store.ts'
export { loadNode, type NodeSource } from './load-node.ts'
export {
  FAN_OUT_DEFAULT,
  FAN_OUT_MAX,
  FAN_OUT_MIN,
  HEIGHT_MAX,
  KEY_BYTES_LIMIT,
  NODE_BYTES_MAX,
  VALUE_BYTES_LIMIT,
  compareKeys,
  countOf,
} from './node.ts'
export { NodeCache, type Frame, type NodeCacheOptions } from './node-cache.ts'
export type { Bytes } from './node-edit.ts'
export { Overlay, type OverlayOptions, type TreeShape } from './overlay.ts'
export { rewriteTree, type RewriteOptions } from './rewrite-tree.ts'
export { decodeRoot, EMPTY_ROOT, encodeRoot, ROOT_SIZE_BYTES_MAX, rootSizeBytes, type Root } from './root.ts'
export { TreeEditor } from './tree-editor.ts'
export { TreeView, type ValueInPlace } from './tree-view.ts'
export { keyOf, valueOf, verifyTree, type KeyBounds, type TreeVisitor } from './verify-tree.ts'
