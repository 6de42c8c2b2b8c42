// A folder as one file: a zip without compression (APPNOTE.TXT 6.3), whose parts stay on the disk
// until they are sent.

export interface Entry {
  path: string
  file: File
}

const table = new Uint32Array(256).map((_, i) => {
  for (let bit = 0; bit < 8; ++bit) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1
  return i
})

async function crc32(file: Blob): Promise<number> {
  let crc = 0xffffffff
  const reader = file.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return ~crc >>> 0
    for (const byte of value) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8)
  }
}

const mostFiles = 0xffff
const mostBytes = 0xffffffff
const largestHeader = 46
const utf8Names = 0x0800

/** Fields of two ('h') and four ('i') bytes, little-endian. */
function fields(layout: string, values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer([...layout].reduce((sum, kind) => sum + (kind === 'h' ? 2 : 4), 0)))
  let at = 0
  ;[...layout].forEach((kind, i) => {
    if (kind === 'h') bytes.setUint16(at, values[i]!, true)
    else bytes.setUint32(at, values[i]!, true)
    at += kind === 'h' ? 2 : 4
  })
  return new Uint8Array(bytes.buffer)
}

/** A folder that a zip without extensions cannot hold. */
export class TooLarge extends Error {}

/** Throws TooLarge, before any file is read. */
export async function zip(name: string, entries: Entry[]): Promise<File> {
  const mostOfEntry = ({ path, file }: Entry) => file.size + 2 * (largestHeader + new TextEncoder().encode(path).length)
  if (entries.length > mostFiles || entries.reduce((sum, entry) => sum + mostOfEntry(entry), 0) > mostBytes) throw new TooLarge()
  const parts: BlobPart[] = []
  const directory: BlobPart[] = []
  let at = 0
  let directoryBytes = 0
  for (const { path, file } of entries) {
    const title = new TextEncoder().encode(path)
    const common = [20, utf8Names, 0, 0, 0x21, await crc32(file), file.size, file.size, title.length, 0]
    const local = fields('ihhhhhiiihh', [0x04034b50, ...common])
    const central = fields('ihhhhhhiiihhhhhii', [0x02014b50, 20, ...common, 0, 0, 0, 0, at])
    parts.push(local, title, file)
    directory.push(central, title)
    at += local.length + title.length + file.size
    directoryBytes += central.length + title.length
  }
  const end = fields('ihhhhiih', [0x06054b50, 0, 0, entries.length, entries.length, directoryBytes, at, 0])
  return new File([...parts, ...directory, end], name, { type: 'application/zip' })
}

/** Every file of a dropped folder. */
export async function filesOf(entry: FileSystemEntry): Promise<Entry[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (entry.isFile)
    return [{ path, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) }]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: Entry[] = []
  for (;;) {
    // A reader gives a part of a large folder at a time, and nothing at its end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const one of some) found.push(...await filesOf(one))
  }
}
