// The volume of a study: one slice at once, the rest while it is looked at.
import { fetchFile } from '../api'

export type Zyx = readonly [number, number, number]

export interface VolumeInfo {
  file: string
  bytes: number
  shape_zyx: Zyx
  spacing_mm_zyx: Zyx
  origin_mm_xyz: readonly [number, number, number]
  first: number
  ends: number[]
}

const niftiHeader = 352

/** Ends a piece of a deflate stream that was cut at a byte boundary. */
const lastBlock = Uint8Array.of(3, 0)

async function inflated(pieces: BlobPart[], format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream(format))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

export class Volume {
  /** Hounsfield units, (z, y, x) with x fastest; zero where nothing has come yet. */
  readonly voxels: Int16Array
  readonly has: Uint8Array
  private readonly bytes: Uint8Array

  constructor(readonly info: VolumeInfo, private readonly url: string) {
    const [z, y, x] = info.shape_zyx
    this.voxels = new Int16Array(z * y * x)
    this.bytes = new Uint8Array(this.voxels.buffer)
    this.has = new Uint8Array(z)
  }

  get sliceBytes(): number {
    return this.info.shape_zyx[1] * this.info.shape_zyx[2] * 2
  }

  /** One slice, ahead of the others. Nothing happens where the way here knows no ranges. */
  async slice(z: number, signal: AbortSignal): Promise<void> {
    const begin = z === 0 ? this.info.first : this.info.ends[z - 1]!
    const answer = await fetchFile(this.url, signal, { Range: `bytes=${begin}-${this.info.ends[z]! - 1}` })
    if (answer.status !== 206) return
    const slice = await inflated([await answer.arrayBuffer(), lastBlock], 'deflate-raw')
    if (slice.length !== this.sliceBytes) return
    this.bytes.set(slice, z * this.sliceBytes)
    this.has[z] = 1
  }

  /** Everything, in the order of the file. */
  async stream(signal: AbortSignal, progressed: (share: number) => void): Promise<void> {
    const answer = await fetchFile(this.url, signal)
    const reader = answer.body!.pipeThrough(new DecompressionStream('gzip')).getReader()
    let at = -niftiHeader
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const from = Math.min(value.length, Math.max(0, -at))
      this.bytes.set(value.subarray(from), at + from)
      at += value.length
      this.has.fill(1, 0, Math.max(0, Math.floor(at / this.sliceBytes)))
      progressed(at / this.bytes.length)
    }
    if (at !== this.bytes.length) throw new Error('the volume is not whole')
  }

  at(z: number, y: number, x: number): number | null {
    const [nz, ny, nx] = this.info.shape_zyx
    if (z < 0 || y < 0 || x < 0 || z >= nz || y >= ny || x >= nx || !this.has[z]) return null
    return this.voxels[(z * ny + y) * nx + x]!
  }
}

/** A label volume on the same grid. */
export async function loadLabels(url: string, signal: AbortSignal, count: number): Promise<Uint8Array> {
  const all = await inflated([await (await fetchFile(url, signal)).arrayBuffer()], 'gzip')
  if (all.length !== niftiHeader + count) throw new Error('the labels are not on the volume\'s grid')
  return all.subarray(niftiHeader)
}
