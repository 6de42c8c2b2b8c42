// One plane on the screen: draws its cut, and turns pointer and wheel into wishes.
import { element } from '../element'
import { quantity } from '../numbers'
import { say } from '../words'
import { Cut, paint, sideLetters, tint } from './cut'
import type { Plane, Tint } from './cut'
import { Pinch } from './pinch'
import type { Volume, Zyx } from './volume'

export type Tool = 'point' | 'move' | 'measure'

/** What the panes show together. */
export interface Scene {
  volume: Volume
  place: Zyx
  table: Uint8Array
  tints: Tint[]
  box: { centre: Zyx; size: Zyx } | null
  tool: Tool
}

export interface Wishes {
  goTo(voxel: Zyx): void
  scroll(plane: Plane, steps: number): void
  adjust(centre: number, width: number): void
  measured(mm: number): void
}

interface Ruler {
  index: number
  from: [number, number]
  to: [number, number]
}

const accent = '#6cc3e6'

export class Pane {
  readonly element: HTMLElement
  readonly cut: Cut
  private readonly canvas = element('canvas', { tabindex: '0' })
  private readonly drawn = document.createElement('canvas')
  private readonly image: ImageData
  private zoom = 1
  private shift: [number, number] = [0, 0]
  private rulers: Ruler[] = []
  private measuring: Ruler | null = null
  private hovered: [number, number] | null = null
  private wheel = 0

  constructor(readonly plane: Plane, private readonly scene: Scene, private readonly wishes: Wishes) {
    const { shape_zyx, spacing_mm_zyx } = scene.volume.info
    this.cut = new Cut(plane, shape_zyx, spacing_mm_zyx)
    this.drawn.width = this.cut.width
    this.drawn.height = this.cut.height
    this.image = new ImageData(this.cut.width, this.cut.height)
    this.element = element('div', { class: `pane ${plane}` }, this.canvas)
    this.relabel()
    this.listen()
  }

  relabel(): void {
    this.canvas.setAttribute('role', 'img')
    this.canvas.setAttribute('aria-label', say(this.plane))
  }

  fit(): void {
    this.zoom = 1
    this.shift = [0, 0]
    this.rulers = []
    this.draw()
  }

  enlarge(factor: number): void {
    this.zoom = Math.min(16, Math.max(1, this.zoom * factor))
    if (this.zoom === 1) this.shift = [0, 0]
    this.draw()
  }

  get index(): number {
    return this.cut.index(this.scene.place)
  }

  /** Screen pixels a column and a row, and where the cut's corner lies. */
  private layout(): { sx: number; sy: number; x: number; y: number } {
    const { width, height } = this.canvas
    const scale = Math.min(width / (this.cut.width * this.cut.pixelWidth),
      height / (this.cut.height * this.cut.pixelHeight)) * this.zoom
    const sx = scale * this.cut.pixelWidth
    const sy = scale * this.cut.pixelHeight
    return {
      sx, sy,
      x: (width - this.cut.width * sx) / 2 + this.shift[0],
      y: (height - this.cut.height * sy) / 2 + this.shift[1],
    }
  }

  draw(): void {
    const { clientWidth, clientHeight } = this.canvas
    const ratio = devicePixelRatio || 1
    this.canvas.width = Math.max(1, Math.round(clientWidth * ratio))
    this.canvas.height = Math.max(1, Math.round(clientHeight * ratio))
    const context = this.canvas.getContext('2d')!
    paint(this.scene.volume, this.cut, this.index, this.scene.table, this.image)
    for (const one of this.scene.tints) tint(one, this.cut, this.index, this.image)
    this.drawn.getContext('2d')!.putImageData(this.image, 0, 0)
    const { sx, sy, x, y } = this.layout()
    context.imageSmoothingQuality = 'high'
    context.drawImage(this.drawn, x, y, this.cut.width * sx, this.cut.height * sy)
    this.drawMarks(context, ratio)
  }

  private screen(column: number, row: number): [number, number] {
    const { sx, sy, x, y } = this.layout()
    return [x + (column + 0.5) * sx, y + (row + 0.5) * sy]
  }

  private drawMarks(context: CanvasRenderingContext2D, ratio: number): void {
    const { width, height } = this.canvas
    context.lineWidth = ratio
    context.font = `${13 * ratio}px system-ui, sans-serif`
    const [cx, cy] = this.screen(...this.cut.pixel(this.scene.place))
    const gap = 14 * ratio
    context.strokeStyle = accent + '90'
    context.beginPath()
    for (const [x0, y0, x1, y1] of [[0, cy, cx - gap, cy], [cx + gap, cy, width, cy], [cx, 0, cx, cy - gap], [cx, cy + gap, cx, height]] as const) {
      context.moveTo(x0, y0)
      context.lineTo(x1, y1)
    }
    context.stroke()
    this.drawBox(context, ratio)
    for (const ruler of [...this.rulers, ...(this.measuring ? [this.measuring] : [])])
      if (ruler.index === this.index) this.drawRuler(context, ruler, ratio)
    const [left, right, top, bottom] = sideLetters[this.plane]
    const text = (words: string, x: number, y: number, align: CanvasTextAlign) => {
      context.textAlign = align
      context.strokeStyle = '#000'
      context.lineWidth = 3 * ratio
      context.strokeText(words, x, y)
      context.fillStyle = '#dfe6ec'
      context.fillText(words, x, y)
    }
    const edge = 8 * ratio
    text(left, edge, height / 2, 'left')
    text(right, width - edge, height / 2, 'right')
    text(top, width / 2, 16 * ratio, 'center')
    text(bottom, width / 2, height - edge, 'center')
    text(`${say(this.plane)} ${this.index + 1}/${this.cut.count}`, edge, 16 * ratio, 'left')
    if (this.hovered) text(this.density(...this.hovered), edge, height - edge, 'left')
  }

  private density(column: number, row: number): string {
    const [z, y, x] = this.cut.voxel(column, row, this.index)
    const value = this.scene.volume.at(z, y, x)
    return value === null ? '' : `${value} HU`
  }

  /** Corners around the chosen lesion. */
  private drawBox(context: CanvasRenderingContext2D, ratio: number): void {
    const box = this.scene.box
    if (!box) return
    const half = box.size.map((size) => size / 2 + 2) as unknown as Zyx
    const low = this.cut.pixel(box.centre.map((at, i) => at - half[i]!) as unknown as Zyx)
    const high = this.cut.pixel(box.centre.map((at, i) => at + half[i]!) as unknown as Zyx)
    if (Math.abs(this.index - this.cut.index(box.centre)) > this.cut.index(half)) return
    const [x0, y0] = this.screen(Math.min(low[0], high[0]), Math.min(low[1], high[1]))
    const [x1, y1] = this.screen(Math.max(low[0], high[0]), Math.max(low[1], high[1]))
    const arm = 8 * ratio
    context.strokeStyle = '#ffffff'
    context.lineWidth = 1.5 * ratio
    context.beginPath()
    for (const [x, dx] of [[x0, arm], [x1, -arm]] as const)
      for (const [y, dy] of [[y0, arm], [y1, -arm]] as const) {
        context.moveTo(x + dx, y)
        context.lineTo(x, y)
        context.lineTo(x, y + dy)
      }
    context.stroke()
  }

  private length(ruler: Ruler): number {
    return Math.hypot((ruler.to[0] - ruler.from[0]) * this.cut.pixelWidth,
      (ruler.to[1] - ruler.from[1]) * this.cut.pixelHeight)
  }

  private drawRuler(context: CanvasRenderingContext2D, ruler: Ruler, ratio: number): void {
    const from = this.screen(...ruler.from)
    const to = this.screen(...ruler.to)
    context.strokeStyle = '#ffe066'
    context.lineWidth = 1.5 * ratio
    context.beginPath()
    context.moveTo(...from)
    context.lineTo(...to)
    context.stroke()
    const words = quantity(this.length(ruler), 1, 'mm')
    const place = [to[0] + 6 * ratio, to[1] - 6 * ratio] as const
    context.textAlign = 'left'
    context.strokeStyle = '#000'
    context.lineWidth = 3 * ratio
    context.strokeText(words, ...place)
    context.fillStyle = '#ffe066'
    context.fillText(words, ...place)
  }

  /** Column and row under the pointer, to fractions of a pixel. */
  private under(event: PointerEvent | WheelEvent): [number, number] {
    const place = this.canvas.getBoundingClientRect()
    const ratio = this.canvas.width / place.width
    const { sx, sy, x, y } = this.layout()
    return [((event.clientX - place.left) * ratio - x) / sx - 0.5, ((event.clientY - place.top) * ratio - y) / sy - 0.5]
  }

  private listen(): void {
    const pinch = new Pinch(this.canvas, {
      begin: () => { this.measuring = null },
      pinch: (factor, from, to) => this.pinched(factor, from, to),
    })
    this.canvas.addEventListener('pointerdown', (event) => {
      if (!pinch.active) this.press(event)
    })
    this.canvas.addEventListener('pointermove', (event) => {
      if (event.buttons !== 0) return
      this.hovered = this.under(event)
      this.draw()
    })
    this.canvas.addEventListener('pointerleave', () => { this.hovered = null; this.draw() })
    this.canvas.addEventListener('contextmenu', (event) => event.preventDefault())
    this.canvas.addEventListener('wheel', (event) => {
      event.preventDefault()
      if (event.ctrlKey) return this.enlarge(event.deltaY < 0 ? 1.15 : 1 / 1.15)
      // A wheel's notch is a slice; a touchpad's small steps add up to one.
      this.wheel += event.deltaMode === 0 ? event.deltaY / 50 : event.deltaY
      const steps = Math.trunc(this.wheel)
      this.wheel -= steps
      if (steps !== 0) this.wishes.scroll(this.plane, -Math.max(-3, Math.min(3, steps)))
    }, { passive: false })
  }

  private pinched(factor: number, from: readonly [number, number], to: readonly [number, number]): void {
    const zoom = Math.min(16, Math.max(1, this.zoom * factor))
    const grown = zoom / this.zoom
    const place = this.canvas.getBoundingClientRect()
    const ratio = this.canvas.width / place.width
    const size = [this.canvas.width, this.canvas.height] as const
    const corner = [place.left, place.top] as const
    // From the canvas' middle, where the shift is measured from.
    const moved = (i: 0 | 1) => (to[i] - corner[i]) * ratio - size[i] / 2 - ((from[i] - corner[i]) * ratio - size[i] / 2 - this.shift[i]) * grown
    this.shift = zoom === 1 ? [0, 0] : [moved(0), moved(1)]
    this.zoom = zoom
    this.draw()
  }

  private press(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId)
    const tool = event.button === 2 ? 'window' : event.button === 1 ? 'move' : this.scene.tool
    const ratio = this.canvas.width / this.canvas.getBoundingClientRect().width
    const begin = this.under(event)
    if (tool === 'measure') this.measuring = { index: this.index, from: begin, to: begin }
    let last = [event.clientX, event.clientY] as const
    // A finger may be the first of two: it points when it moves, or leaves without another.
    let alone = true
    const second = () => { alone = false }
    const follow = (now: PointerEvent) => {
      if (!alone || now.pointerId !== event.pointerId) return
      const [dx, dy] = [now.clientX - last[0], now.clientY - last[1]]
      last = [now.clientX, now.clientY]
      const at = this.under(now)
      if (tool === 'point') this.wishes.goTo(this.cut.voxel(...at, this.index))
      if (tool === 'window') this.wishes.adjust(dy * 4, dx * 4)
      if (tool === 'move') this.shift = [this.shift[0] + dx * ratio, this.shift[1] + dy * ratio]
      if (this.measuring) this.measuring.to = at
      this.draw()
    }
    const end = (last: PointerEvent) => {
      if (last.pointerId !== event.pointerId) return
      for (const type of ['pointerup', 'pointercancel'] as const) this.canvas.removeEventListener(type, end)
      this.canvas.removeEventListener('pointerdown', second)
      this.canvas.removeEventListener('pointermove', follow)
      if (tool === 'point' && event.pointerType === 'touch' && alone) follow(last)
      if (this.measuring) {
        this.rulers.push(this.measuring)
        this.wishes.measured(this.length(this.measuring))
      }
      this.measuring = null
      this.draw()
    }
    if (tool === 'point' && event.pointerType !== 'touch') follow(event)
    this.canvas.addEventListener('pointermove', follow)
    this.canvas.addEventListener('pointerdown', second)
    for (const type of ['pointerup', 'pointercancel'] as const) this.canvas.addEventListener(type, end)
  }
}
