/** ioctl(2) with a buffer that is read and written. @returns what the call returned. */
export type Ioctl = (file: number, request: number, buffer: Buffer) => number;

/**
 * libc's ioctl, which Node has no word for. Its foreign function interface is loaded only here, so that a guardian without
 * a watchdog stays small (docs/adr/0008-kernel-watchdog.md).
 * @throws where this Node has none.
 */
export function loadIoctl(): Ioctl {
  const ffi = process.getBuiltinModule('node:ffi');
  // The types have it in every Node; 24 has none.
  if (typeof ffi !== 'object') throw new Error('this Node has no node:ffi, which a watchdog takes (26 has it)');
  // Of the program itself: libc is loaded, whatever its file is called.
  const { functions } = ffi.dlopen(null, { ioctl: { arguments: ['int32', 'uint64', 'pointer'], return: 'int32' } });
  return (file, request, buffer) => functions.ioctl(file, BigInt(request), buffer);
}
