// The map of embeddings: cases that a model sees alike lie close together.
import { ask } from './api'
import type { Language } from './api'
import { element } from './element'
import { message } from './message'
import { number } from './numbers'
import { addressOf } from './view'
import type { View } from './view'
import { say } from './words'
import type { Word } from './words'

interface Point {
  id: string
  x: number
  y: number
  study_id: string | null
  number: number | null
  name: string | null
  kind: string | null
  verdict: 'normal' | 'pathology' | 'uncertain' | null
}

interface EmbeddingMap {
  model: string | null
  model_sha256: string | null
  models: { model: string; model_sha256: string; cases: number }[]
  width: number | null
  file: string | null
  explained: number[]
  points: Point[]
}

type Kind = 'pathology' | 'uncertain' | 'normal' | 'notHere'
const kinds: Kind[] = ['pathology', 'uncertain', 'normal', 'notHere']
// Shapes as well as colours and words.
const marks: Record<Kind, string> = { pathology: '●', uncertain: '◌', normal: '○', notHere: '·' }
const colours: Record<Kind, string> = { pathology: '--bad', uncertain: '--unsure', normal: '--good', notHere: '--quiet' }
const mostLabels = 40
const edge = 48
const reach = 14 // pixels around a point that count as its own

const kindOf = (point: Point): Kind => point.verdict ?? 'notHere'
const nameOf = (point: Point): string => point.name ?? point.id.split('/').at(-1)!

export class MapPage implements View {
  readonly element = element('main', { id: 'main', class: 'system map' })
  private map: EmbeddingMap | null = null
  private problem: unknown = null
  private readonly hidden = new Set<Kind>()
  private chosen: Point | null = null
  private zoom = 1
  private shift: [number, number] = [0, 0]
  private readonly canvas = element('canvas', { tabindex: '0', role: 'application' })
  private readonly said = element('p', { class: 'quiet', role: 'status' })
  private readonly resized = new ResizeObserver(() => this.draw())

  constructor() {
    this.listen()
    this.resized.observe(this.canvas)
    this.build()
    void this.load()
  }

  get title(): string {
    return `${say('map')} · Thorax`
  }
  relabel(_: Language): void {
    this.build()
  }
  key(event: KeyboardEvent): boolean {
    if (event.key !== '0' || !this.map) return false
    this.whole()
    return true
  }
  hear(): void {}
  leave(): void {
    this.resized.disconnect()
  }

  /** Of that model, or of the one with the most cases. */
  private async load(sha256 = ''): Promise<void> {
    try {
      this.map = await (await ask('GET', `/api/v1/embeddings${sha256 && `?model_sha256=${encodeURIComponent(sha256)}`}`)).json()
      this.chosen = null
    } catch (error) {
      this.problem = error
    }
    this.build()
  }

  private build(): void {
    const head = element('h2', {}, say('map'))
    if (this.problem) {
      return this.element.replaceChildren(head, message(this.problem))
    }
    if (!this.map) return this.element.replaceChildren(head, element('p', { class: 'note' }, say('loading')))
    if (this.map.points.length === 0) return this.element.replaceChildren(head, ...this.empty(this.map))
    const { model, width, explained, points } = this.map
    const share = explained.map((one) => `${number(one * 100, 0)} %`).join(' + ')
    this.canvas.setAttribute('aria-label', say('mapHow'))
    this.element.replaceChildren(head, ...this.choice(this.map),
      element('p', { class: 'quiet' }, `${model ?? ''}: ${points.length} × ${width ?? 0}. ${say('pca')} ${share}. ${say('mapHow')}`),
      this.legend(points), element('div', { class: 'plot' }, this.canvas), this.said)
    this.draw()
  }

  /** Which model's map, where there are several. */
  private choice({ models, model_sha256 }: EmbeddingMap): Node[] {
    if (models.length < 2) return []
    const select = element('select', { onchange: () => void this.load(select.value) },
      ...models.map((one) => element('option', { value: one.model_sha256 }, `${one.model} (${one.cases})`)))
    select.value = model_sha256 ?? ''
    return [element('label', {}, `${say('model')} `, select)]
  }

  /** What to do for there to be a map. */
  private empty(map: EmbeddingMap): Node[] {
    return [element('p', {}, say('noEmbeddings')),
      element('pre', { class: 'card', tabindex: '0' }, `thorax embed STUDIES --model NAME --out ${map.file ?? 'embeddings.safetensors'}`),
      element('p', { class: 'quiet' }, `${say('noEmbeddingsMore')} `, element('a', { href: '#/models' }, say('models')))]
  }

  private legend(points: Point[]): HTMLElement {
    const names: Record<Kind, Word> = { pathology: 'pathology', uncertain: 'uncertain', normal: 'normal', notHere: 'notHere' }
    const chips = kinds.map((kind) => [kind, points.filter((one) => kindOf(one) === kind).length] as const).filter(([, count]) => count > 0)
      .map(([kind, count]) => element('button', {
        class: 'chip', id: `map-${kind}`, 'aria-pressed': String(!this.hidden.has(kind)),
        onclick: () => {
          if (!this.hidden.delete(kind)) this.hidden.add(kind)
          this.build()
          document.getElementById(`map-${kind}`)?.focus()
        },
      }, `${marks[kind]} ${say(names[kind])} (${count})`))
    return element('div', { class: 'filters' }, element('div', { class: 'group', role: 'group', 'aria-label': say('verdict') }, ...chips),
      element('span', { class: 'gap' }), element('button', { class: 'chip', onclick: () => this.whole() }, say('fit')))
  }

  private whole(): void {
    this.zoom = 1
    this.shift = [0, 0]
    this.draw()
  }

  private get shown(): Point[] {
    return (this.map?.points ?? []).filter((one) => !this.hidden.has(kindOf(one)))
  }

  /** Where a point is on the canvas, in CSS pixels: the same scale along both axes. */
  private placing(): (point: Point) => [number, number] {
    const all = this.map?.points ?? []
    const range = (of: (point: Point) => number) => all.reduce(([low, high], one) => [Math.min(low, of(one)), Math.max(high, of(one))] as const, [Infinity, -Infinity] as const)
    const [x, y] = [range((one) => one.x), range((one) => one.y)]
    const { clientWidth: width, clientHeight: height } = this.canvas
    const scale = this.zoom * Math.min((width - 2 * edge) / (x[1] - x[0] || 1), (height - 2 * edge) / (y[1] - y[0] || 1))
    const middle = [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2] as const
    return (point) => [width / 2 + this.shift[0] + (point.x - middle[0]) * scale, height / 2 + this.shift[1] - (point.y - middle[1]) * scale]
  }

  private draw(): void {
    const { clientWidth, clientHeight } = this.canvas
    const ratio = devicePixelRatio || 1
    this.canvas.width = Math.max(1, Math.round(clientWidth * ratio))
    this.canvas.height = Math.max(1, Math.round(clientHeight * ratio))
    const context = this.canvas.getContext('2d')!
    context.scale(ratio, ratio)
    context.font = '13px system-ui, sans-serif'
    const style = getComputedStyle(document.documentElement)
    const place = this.placing()
    const points = this.shown.map((point) => ({ point, at: place(point) }))
      .filter(({ at }) => at[0] > -edge && at[1] > -edge && at[0] < clientWidth + edge && at[1] < clientHeight + edge)
    for (const { point, at } of points) this.drawPoint(context, point, at, style.getPropertyValue(colours[kindOf(point)]))
    const labelled = points.length <= mostLabels ? points : points.filter(({ point }) => point === this.chosen)
    context.fillStyle = style.getPropertyValue('--text')
    for (const { point, at } of labelled) {
      const right = at[0] < clientWidth - 160
      context.textAlign = right ? 'left' : 'right'
      context.fillText(nameOf(point), at[0] + (right ? 10 : -10), at[1] + 4)
    }
  }

  private drawPoint(context: CanvasRenderingContext2D, point: Point, at: [number, number], colour: string): void {
    const kind = kindOf(point)
    context.fillStyle = context.strokeStyle = colour
    context.lineWidth = 1.5
    context.setLineDash(kind === 'uncertain' ? [2, 2] : [])
    context.beginPath()
    context.arc(at[0], at[1], kind === 'notHere' ? 2 : 5, 0, 2 * Math.PI)
    if (kind === 'pathology' || kind === 'notHere') context.fill()
    else context.stroke()
    if (point !== this.chosen) return
    context.setLineDash([])
    context.beginPath()
    context.arc(at[0], at[1], 9, 0, 2 * Math.PI)
    context.stroke()
  }

  private choose(point: Point | null): void {
    if (point === this.chosen) return
    this.chosen = point
    this.canvas.style.cursor = point?.study_id ? 'pointer' : 'default'
    this.said.textContent = point ? `${nameOf(point)} · ${say(point.verdict ?? 'notHere')}` : ''
    this.draw()
  }

  private open(): void {
    if (this.chosen?.study_id) location.hash = addressOf(this.chosen.study_id, this.chosen.number ?? 1)
  }

  private under(event: MouseEvent): Point | null {
    const box = this.canvas.getBoundingClientRect()
    const place = this.placing()
    let best: Point | null = null
    let distance = reach
    for (const point of this.shown) {
      const [x, y] = place(point)
      const away = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top)
      if (away < distance) [best, distance] = [point, away]
    }
    return best
  }

  private listen(): void {
    let dragged = 0
    this.canvas.addEventListener('pointerdown', (event) => {
      dragged = 0
      this.canvas.setPointerCapture(event.pointerId)
    })
    this.canvas.addEventListener('pointermove', (event) => {
      if (event.buttons === 0) return this.choose(this.under(event))
      dragged += Math.abs(event.movementX) + Math.abs(event.movementY)
      this.shift = [this.shift[0] + event.movementX, this.shift[1] + event.movementY]
      this.draw()
    })
    this.canvas.addEventListener('click', (event) => {
      if (dragged > 4) return
      this.choose(this.under(event))
      this.open()
    })
    this.canvas.addEventListener('wheel', (event) => {
      event.preventDefault()
      const factor = event.deltaY < 0 ? 1.15 : 1 / 1.15
      const zoom = Math.min(64, Math.max(1, this.zoom * factor))
      const box = this.canvas.getBoundingClientRect()
      const off = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2] as const
      this.shift = [off[0] - (off[0] - this.shift[0]) * zoom / this.zoom, off[1] - (off[1] - this.shift[1]) * zoom / this.zoom]
      this.zoom = zoom
      this.draw()
    }, { passive: false })
    this.canvas.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0
      if (event.key === 'Enter') this.open()
      if (step === 0) return
      const order = [...this.shown].sort((a, b) => a.x - b.x)
      this.choose(order[(order.indexOf(this.chosen!) + step + order.length) % order.length] ?? null)
      event.preventDefault()
    })
  }
}
