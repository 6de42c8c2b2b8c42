// Cuts through a volume, in the orientation radiologists read: axial from the feet, coronal from
// the front, sagittal from the left; head up.
import type { Volume, Zyx } from './volume'

export type Plane = 'axial' | 'coronal' | 'sagittal'
export const planes: Plane[] = ['axial', 'coronal', 'sagittal']

/** Axes (0 z, 1 y, 2 x) that a plane cuts, and that run along its columns and rows. */
const axes = {
  axial: { cut: 0, column: 2, row: 1 },
  coronal: { cut: 1, column: 2, row: 0 },
  sagittal: { cut: 2, column: 1, row: 0 },
} as const

export const sideLetters: Record<Plane, [string, string, string, string]> = {
  axial: ['R', 'L', 'A', 'P'],
  coronal: ['R', 'L', 'H', 'F'],
  sagittal: ['A', 'P', 'H', 'F'],
}

export interface Window {
  centre: number
  width: number
}

/** Colour by label: 0xRRGGBB, or -1 where it is not lit. */
export interface Tint {
  labels: Uint8Array
  colours: Int32Array
  opacity: number
}

/** Where a plane stands in the volume. */
export class Cut {
  readonly width: number
  readonly height: number
  readonly count: number
  readonly pixelWidth: number
  readonly pixelHeight: number
  private readonly axis

  constructor(readonly plane: Plane, private readonly shape: Zyx, spacing: Zyx) {
    this.axis = axes[plane]
    this.width = shape[this.axis.column]
    this.height = shape[this.axis.row]
    this.count = shape[this.axis.cut]
    this.pixelWidth = spacing[this.axis.column]
    this.pixelHeight = spacing[this.axis.row]
  }

  index(voxel: Zyx): number {
    return voxel[this.axis.cut]
  }
  /** Column and row of a voxel's centre. */
  pixel(voxel: Zyx): [number, number] {
    const row = voxel[this.axis.row]
    return [voxel[this.axis.column], this.plane === 'axial' ? row : this.height - 1 - row]
  }
  /** The voxel under a pixel of the slice `index`, inside the volume. */
  voxel(column: number, row: number, index: number): Zyx {
    const out: [number, number, number] = [0, 0, 0]
    out[this.axis.cut] = index
    out[this.axis.column] = Math.round(column)
    out[this.axis.row] = Math.round(this.plane === 'axial' ? row : this.height - 1 - row)
    return out.map((value, i) => Math.min(this.shape[i]! - 1, Math.max(0, value))) as unknown as Zyx
  }
  /** Offset of the pixel (0, 0), and steps to the next column and row. */
  walk(index: number): { start: number; column: number; row: number } {
    const strides = [this.shape[1] * this.shape[2], this.shape[2], 1]
    const row = strides[this.axis.row]!
    const flipped = this.plane !== 'axial'
    return {
      start: index * strides[this.axis.cut]! + (flipped ? (this.height - 1) * row : 0),
      column: strides[this.axis.column]!,
      row: flipped ? -row : row,
    }
  }
}

const lowest = -1024
const levels = 4096

export function lookup(window: Window): Uint8Array {
  const table = new Uint8Array(levels)
  for (let i = 0; i < levels; ++i) {
    const share = (i + lowest - window.centre) / window.width + 0.5
    table[i] = Math.max(0, Math.min(255, Math.round(share * 255)))
  }
  return table
}

/** Greys of a cut; `image` has the cut's size. */
export function paint(volume: Volume, cut: Cut, index: number, table: Uint8Array, image: ImageData): void {
  const { start, column, row } = cut.walk(index)
  const out = new Uint32Array(image.data.buffer)
  const voxels = volume.voxels
  for (let r = 0, to = 0; r < cut.height; ++r) {
    let from = start + r * row
    for (let c = 0; c < cut.width; ++c, from += column, ++to) {
      const level = voxels[from]! - lowest
      const grey = table[level < 0 ? 0 : level >= levels ? levels - 1 : level]!
      out[to] = 0xff000000 | (grey << 16) | (grey << 8) | grey
    }
  }
}

/** Lit labels over the greys: a thin wash, with a strong rim. */
export function tint(lit: Tint, cut: Cut, index: number, image: ImageData): void {
  const { start, column, row } = cut.walk(index)
  const data = image.data
  const { labels, colours } = lit
  for (let r = 0; r < cut.height; ++r)
    for (let c = 0, from = start + r * row; c < cut.width; ++c, from += column) {
      const label = labels[from]!
      if (label === 0 || colours[label]! < 0) continue
      const rim = c === 0 || r === 0 || c === cut.width - 1 || r === cut.height - 1 ||
        labels[from - column] !== label || labels[from + column] !== label ||
        labels[from - row] !== label || labels[from + row] !== label
      const share = lit.opacity * (rim ? 1 : 0.35)
      const colour = colours[label]!
      const to = (r * cut.width + c) * 4
      data[to] = data[to]! * (1 - share) + (colour >> 16) * share
      data[to + 1] = data[to + 1]! * (1 - share) + ((colour >> 8) & 255) * share
      data[to + 2] = data[to + 2]! * (1 - share) + (colour & 255) * share
    }
}
