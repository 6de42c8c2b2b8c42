// Small NIfTI-1 volumes made in memory, for the 3-D view.
import type { VolumeInfo, Zyx } from './volume'

export interface Block {
  shape: Zyx
  step: Zyx // voxels of the full volume in one of this
}

/** How a volume is thinned out so that no side is longer than `longest`. */
export function thinned(shape: Zyx, longest: number): Block {
  const step = shape.map((count) => Math.ceil(count / longest)) as unknown as Zyx
  return { step, shape: shape.map((count, i) => Math.floor(count / step[i]!)) as unknown as Zyx }
}

const headerBytes = 352
// Type, bits, intent: labels are coloured one by one, never between two of them.
const types = { labels: [2, 8, 1002], densities: [4, 16, 0] } as const

/** A file with room for voxels behind its header; the world is RAS as NIfTI wants it. */
export function niftiFile(info: VolumeInfo, { shape, step }: Block, kind: keyof typeof types): ArrayBuffer {
  const [type, bits, intent] = types[kind]
  const count = shape[0] * shape[1] * shape[2]
  const file = new ArrayBuffer(headerBytes + (count * bits) / 8)
  const header = new DataView(file)
  const spacing = info.spacing_mm_zyx.map((mm, i) => mm * step[i]!)
  const [x, y, z] = info.origin_mm_xyz
  // The centre of a block lies between the voxels that it stands for.
  const shift = info.spacing_mm_zyx.map((mm, i) => (mm * (step[i]! - 1)) / 2)
  const rows = [
    [-spacing[2]!, 0, 0, -(x + shift[2]!)],
    [0, -spacing[1]!, 0, -(y + shift[1]!)],
    [0, 0, spacing[0]!, z + shift[0]!],
  ]
  header.setInt32(0, 348, true)
  const dim = [3, shape[2], shape[1], shape[0], 1, 1, 1, 1]
  dim.forEach((value, i) => header.setInt16(40 + 2 * i, value, true))
  header.setInt16(68, intent, true)
  header.setInt16(70, type, true)
  header.setInt16(72, bits, true)
  const pixdim = [1, spacing[2]!, spacing[1]!, spacing[0]!]
  pixdim.forEach((value, i) => header.setFloat32(76 + 4 * i, value, true))
  header.setFloat32(108, headerBytes, true) // vox_offset
  header.setFloat32(112, 1, true) // scl_slope
  header.setUint8(123, 2) // mm
  header.setInt16(254, 1, true) // sform_code: scanner
  rows.flat().forEach((value, i) => header.setFloat32(280 + 4 * i, value, true))
  new Uint8Array(file).set([110, 43, 49, 0], 344) // n+1
  return file
}

/** Means of blocks. */
export function densities(info: VolumeInfo, voxels: Int16Array, block: Block): ArrayBuffer {
  const file = niftiFile(info, block, 'densities')
  const out = new Int16Array(file, headerBytes)
  const [dz, dy, dx] = block.step
  const [, ny, nx] = info.shape_zyx
  let to = 0
  for (let z = 0; z < block.shape[0]; ++z)
    for (let y = 0; y < block.shape[1]; ++y)
      for (let x = 0; x < block.shape[2]; ++x) {
        let sum = 0
        for (let k = z * dz; k < (z + 1) * dz; ++k)
          for (let j = y * dy; j < (y + 1) * dy; ++j)
            for (let i = x * dx, from = (k * ny + j) * nx + i; i < (x + 1) * dx; ++i, ++from) sum += voxels[from]!
        out[to++] = Math.round(sum / (dz * dy * dx))
      }
  return file
}

/** The highest label of each block, so that nothing small is lost. */
export function labelled(info: VolumeInfo, labels: Uint8Array, block: Block): ArrayBuffer {
  const file = niftiFile(info, block, 'labels')
  const out = new Uint8Array(file, headerBytes)
  const [, ny, nx] = info.shape_zyx
  const [sz, sy, sx] = block.shape
  for (let from = 0; from < labels.length; ++from) {
    if (labels[from] === 0) continue
    const z = Math.floor(Math.floor(from / (nx * ny)) / block.step[0])
    const y = Math.floor((Math.floor(from / nx) % ny) / block.step[1])
    const x = Math.floor((from % nx) / block.step[2])
    if (z >= sz || y >= sy || x >= sx) continue
    const to = (z * sy + y) * sx + x
    out[to] = Math.max(out[to]!, labels[from]!)
  }
  return file
}
