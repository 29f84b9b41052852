// faults/node-front/real-names.ts: system calls on paths, on a real directory: names, links, directories, attributes.
//
// 1. A symbolic link whose text begins with the mount is kept with the directory's name instead, and shown with the mount's:
//    the operating system follows it.

import fs from 'node:fs'
import { compareNames } from '../disk/index.ts'
import { isMissing, trimmed } from './name-calls.ts'
import { above, attributesIn, type RealKernel } from './real-kernel.ts'
import type { AttributeChange, Entry, NameSystemCalls } from './system-calls.ts'

// Taken before the front replaces them.
const { accessSync, chmodSync, chownSync, lchownSync, linkSync, lstatSync, lutimesSync, mkdirSync } = fs
const { readdirSync, readlinkSync, realpathSync, renameSync, rmdirSync, statSync, symlinkSync, unlinkSync } = fs
const { utimesSync } = fs
const followNatively = realpathSync.native

export class RealNames implements NameSystemCalls {
  private readonly kernel: RealKernel

  constructor(kernel: RealKernel) {
    this.kernel = kernel
  }

  stat(path: string, options: Readonly<{ follow: boolean; big: boolean; mayMiss?: boolean }>): object | undefined {
    const { kernel } = this
    const { follow, big: bigint, mayMiss = false } = options
    const at = kernel.real(path)
    const look = follow ? statSync : lstatSync
    const make = (): object => kernel.shown(bigint ? look(at, { bigint }) : look(at))
    try {
      return kernel.system(
        follow ? 'stat' : 'lstat',
        () => kernel.call('stat', kernel.canonical(path, follow), make),
        path,
      )
    } catch (error) {
      if (mayMiss && isMissing(error)) return undefined
      throw error
    }
  }

  access(path: string, mode: number): void {
    const { kernel } = this
    const make = (): void => accessSync(kernel.real(path), mode)
    kernel.system('access', () => kernel.call('stat', kernel.canonical(path, true), make), path)
  }

  canonical(path: string, syscall: 'lstat' | 'realpath'): string {
    const { kernel } = this
    const make = (): string => kernel.named(followNatively(kernel.real(path)))
    return kernel.system(syscall, () => kernel.call('stat', kernel.canonical(path, true), make), path)
  }

  list(path: string, syscall: 'scandir' | 'opendir'): readonly Entry[] {
    const { kernel } = this
    const make = (): Entry[] =>
      readdirSync(kernel.real(path), { withFileTypes: true })
        .map((entry): Entry => ({ name: entry.name, kind: kindOf(entry) }))
        .toSorted((left, right) => compareNames(left.name, right.name))
    return kernel.system(
      syscall,
      () => kernel.call('list', kernel.canonical(path, true), make, {}, (entries) => entries.length),
      path,
    )
  }

  readLink(path: string): string {
    const { kernel } = this
    const make = (): string => kernel.named(readlinkSync(kernel.real(path)))
    return kernel.system('readlink', () => kernel.call('readLink', kernel.canonical(path, false), make), path)
  }

  makeDirectory(path: string, mode: number): void {
    this.change('mkdir', 'makeDirectory', path, (at) => mkdirSync(at, mode), true)
  }

  removeDirectory(path: string): void {
    this.change('rmdir', 'removeDirectory', path, (at) => rmdirSync(at))
  }

  unlink(path: string): void {
    this.change('unlink', 'unlink', path, (at) => unlinkSync(at))
  }

  rename(source: string, target: string): void {
    const { kernel } = this
    const [from, to] = [kernel.canonical(trimmed(source), false), kernel.canonical(trimmed(target), false)]
    const make = (): void => renameSync(kernel.real(source), kernel.real(target))
    kernel.system(
      'rename',
      () => kernel.call('rename', from, make, { argument: kernel.files.relative(to) }),
      source,
      target,
    )
    this.changed(from)
    this.changed(to)
  }

  link(path: string, target: string): void {
    const { kernel } = this
    const to = kernel.canonical(trimmed(target), false)
    const make = (): void => linkSync(kernel.real(path), kernel.real(target))
    const details = { argument: kernel.files.relative(to) }
    kernel.system('link', () => kernel.call('link', kernel.canonical(path, false), make, details), path, target)
    this.changed(to)
  }

  symlink(target: string, path: string): void {
    const { kernel } = this
    const text = target.startsWith('/') ? kernel.real(target) : target
    const at = kernel.canonical(trimmed(path), false)
    const make = (): void => symlinkSync(text, kernel.real(path))
    kernel.system('symlink', () => kernel.call('symlink', at, make, { argument: target }), target, path)
    kernel.created(kernel.real(at))
    this.changed(at)
  }

  setAttributes(path: string, syscall: string, follow: boolean, change: AttributeChange): void {
    const { kernel } = this
    const at = kernel.real(path)
    const named = kernel.canonical(path, follow)
    const make = (): void => {
      const stats = kernel.shown(follow ? statSync(at) : lstatSync(at))
      const after = change(attributesIn(stats))
      if (syscall === 'chmod') chmodSync(at, after.mode)
      else if (syscall === 'chown') chownSync(at, after.uid, after.gid)
      else if (syscall === 'lchown') lchownSync(at, after.uid, after.gid)
      else (follow ? utimesSync : lutimesSync)(at, after.accessedMs / 1000, after.modifiedMs / 1000)
      kernel.stamp(stats.ino, after)
    }
    kernel.system(
      syscall,
      () => {
        kernel.call('setAttributes', named, make)
        kernel.tell('change', named)
      },
      path,
    )
  }

  isLink(path: string, follow: boolean): boolean {
    const { kernel } = this
    const at = kernel.real(follow ? kernel.canonical(path, true) : path)
    return lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true
  }

  private change(
    syscall: string,
    kind: 'makeDirectory' | 'removeDirectory' | 'unlink',
    path: string,
    make: (at: string) => void,
    creates = false,
  ): void {
    const { kernel } = this
    const named = kernel.canonical(trimmed(path), false)
    kernel.system(syscall, () => kernel.call(kind, named, () => make(kernel.real(path))), path)
    if (creates) kernel.created(kernel.real(named))
    this.changed(named)
  }

  private changed(named: string): void {
    this.kernel.touch(this.kernel.real(above(named)))
    this.kernel.tell('rename', named)
  }
}

function kindOf(entry: fs.Dirent): Entry['kind'] {
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'symlink' : 'file'
}
