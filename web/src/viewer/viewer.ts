// The viewer of a CT: three planes and a 3-D view that show one place, with the findings on them.
import { element } from '../element'
import { quantity } from '../numbers'
import { say } from '../words'
import { lookup, planes } from './cut'
import type { Plane, Tint, Window } from './cut'
import { Pane } from './pane'
import type { Scene, Tool } from './pane'
import type { Solid } from './solid'
import { Strip } from './strip'
import type { Mark } from './strip'
import { loadLabels, Volume } from './volume'
import type { VolumeInfo, Zyx } from './volume'
import { windowNames, windows } from './windows'
import type { WindowName } from './windows'

export interface MaskLabel {
  value: number
  name: { en: string; ru: string }
  tag: string
  colour: string | null
  findings: string[]
  window: WindowName | null
}

export interface CtView {
  kind: 'ct'
  volume: VolumeInfo
  masks: { file: string; labels: MaskLabel[] }[]
}

/** A place to go to. */
export interface Target {
  voxel: Zyx
  size?: Zyx // voxels
  window?: WindowName | null
}

const tools: Tool[] = ['point', 'move', 'measure']

export class Viewer {
  readonly element = element('section', { class: 'viewer' })
  private readonly scene: Scene
  private readonly panes: Pane[]
  private readonly strip: Strip
  private readonly bar = element('div', { class: 'viewer-bar', role: 'toolbar' })
  private readonly state = element('p', { class: 'viewer-state', role: 'status' })
  private readonly solidPlace = element('div', { class: 'pane solid' })
  private readonly ended = new AbortController()
  private readonly resized = new ResizeObserver(() => this.draw())
  private window: Window = windows.lung
  private labels: Uint8Array | null = null
  private readonly findingLabels: MaskLabel[]
  private lit: Set<number>
  private opacity = 0.7
  private overlays = true
  private solid: Solid | null = null
  private failed = ''

  /** `found`: ids of the findings that are lit at first. */
  constructor(view: CtView, private readonly folder: string, start: Target | null, found: string[]) {
    const info = view.volume
    const middle = info.shape_zyx.map((count) => Math.floor(count / 2)) as unknown as Zyx
    this.findingLabels = view.masks.find((mask) => mask.file === 'findings.nii.gz')?.labels ?? []
    this.lit = this.labelsOf(found)
    this.scene = {
      volume: new Volume(info, `${folder}/${info.file}`),
      place: start?.voxel ?? middle,
      table: lookup(this.window),
      tints: [], box: null, tool: 'point',
    }
    const wishes = {
      goTo: (voxel: Zyx) => this.goTo(voxel),
      scroll: (plane: Plane, steps: number) => this.scroll(plane, steps),
      adjust: (centre: number, width: number) =>
        this.setWindow({ centre: this.window.centre + centre, width: Math.max(1, this.window.width + width) }),
      measured: (mm: number) => { this.state.textContent = `${say('measured')} ${quantity(mm, 1, 'mm')}` },
    }
    this.panes = planes.map((plane) => new Pane(plane, this.scene, wishes))
    this.strip = new Strip(info.shape_zyx[0], (slice) => this.goTo([slice, this.scene.place[1], this.scene.place[2]]))
    this.element.append(this.bar, element('div', { class: 'panes' }, ...this.panes.map((pane) => pane.element), this.solidPlace),
      this.strip.element, this.state)
    for (const pane of this.panes) this.resized.observe(pane.element)
    this.relabel()
    this.strip.show(this.scene.place[0])
    if (start) this.jump(start)
    void this.load()
  }

  leave(): void {
    this.ended.abort()
    this.resized.disconnect()
    this.solid?.leave()
  }

  private async load(): Promise<void> {
    const { signal } = this.ended
    const { volume } = this.scene
    try {
      const first = this.scene.place[0]
      await volume.slice(first, signal)
      this.draw()
      if (volume.has[first]) performance.mark('thorax-first-slice')
      const masks = this.findingLabels.length > 0 ? this.loadMasks() : Promise.resolve()
      const whole = volume.stream(signal, (share) => {
        this.state.textContent = share < 1 ? `${say('volume')} ${Math.floor(share * 100)} %` : ''
        this.drawSoon()
      })
      await Promise.all([masks, whole])
      this.draw()
      performance.mark('thorax-volume')
    } catch (error) {
      if (signal.aborted) return
      this.failed = String(error)
      this.state.textContent = say('volumeLost')
      return
    }
    await this.showSolid()
  }

  private async loadMasks(): Promise<void> {
    const count = this.scene.volume.voxels.length
    this.labels = await loadLabels(`${this.folder}/findings.nii.gz`, this.ended.signal, count)
    this.light()
  }

  /** The 3-D view comes last, and only where the browser can draw it. */
  private async showSolid(): Promise<void> {
    const { canDraw, Solid: Made } = await import('./solid')
    if (this.ended.signal.aborted) return
    if (!canDraw()) {
      this.solidPlace.replaceChildren(element('p', {}, say('noWebgl')))
      return
    }
    this.solid = new Made(this.solidPlace, this.scene.volume, this.labels, (voxel) => this.goTo(voxel))
    try {
      await this.solid.show(this.colours())
    } catch {
      this.solid = null
      this.solidPlace.replaceChildren(element('p', {}, say('noWebgl')))
      return
    }
    this.solid.place(this.scene.place)
    if (!this.ended.signal.aborted) performance.mark('thorax-solid')
  }

  private drawing = 0
  private drawSoon(): void {
    this.drawing ||= requestAnimationFrame(() => { this.drawing = 0; this.draw() })
  }
  private draw(): void {
    for (const pane of this.panes) pane.draw()
  }

  goTo(voxel: Zyx): void {
    this.scene.place = voxel.map((at, i) =>
      Math.max(0, Math.min(this.scene.volume.info.shape_zyx[i]! - 1, at))) as unknown as Zyx
    this.strip.show(this.scene.place[0])
    this.solid?.place(this.scene.place)
    this.drawSoon()
  }

  /** All planes to a finding, which alone is lit. */
  jump(target: Target, findings?: string[]): void {
    this.scene.box = target.size ? { centre: target.voxel, size: target.size } : null
    if (target.window) this.setWindow(windows[target.window])
    if (findings) this.lightOnly(findings)
    this.goTo(target.voxel)
  }

  scroll(plane: Plane, steps: number): void {
    const axis = planes.indexOf(plane)
    this.goTo(this.scene.place.map((at, i) => (i === axis ? at + steps : at)) as unknown as Zyx)
  }

  setWindow(window: Window): void {
    this.window = window
    this.scene.table = lookup(window)
    this.showBar()
    this.drawSoon()
  }

  /** Lights the labels that speak for these findings; all of them when none does. */
  lightOnly(findings: string[]): void {
    this.lit = this.labelsOf(findings)
    this.light()
  }
  private labelsOf(findings: string[]): Set<number> {
    const own = this.findingLabels.filter((label) => label.findings.some((id) => findings.includes(id)))
    return new Set((own.length > 0 ? own : this.findingLabels).map((label) => label.value))
  }

  private colours(): Int32Array {
    const colours = new Int32Array(256).fill(-1)
    for (const label of this.findingLabels)
      if (this.overlays && this.lit.has(label.value)) colours[label.value] = parseInt((label.colour ?? '#ffffff').slice(1), 16)
    return colours
  }

  private light(): void {
    const tints: Tint[] = []
    const colours = this.colours()
    if (this.labels) tints.push({ labels: this.labels, colours, opacity: this.opacity })
    this.scene.tints = tints
    // showSolid() says it when the 3-D view cannot be made.
    this.solid?.show(colours).catch(() => {})
    this.showBar()
    this.drawSoon()
  }

  setMarks(marks: Mark[]): void {
    this.strip.setMarks(marks)
  }

  /** Whether the key was one of the viewer's. */
  key(event: KeyboardEvent): boolean {
    const number = ['1', '2', '3'].indexOf(event.key)
    if (number >= 0) this.setWindow(windows[windowNames[number]!])
    else if (event.key === 'ArrowUp' || event.key === 'ArrowRight') this.scroll('axial', 1)
    else if (event.key === 'ArrowDown' || event.key === 'ArrowLeft') this.scroll('axial', -1)
    else if (event.key === 'PageUp') this.scroll('axial', 10)
    else if (event.key === 'PageDown') this.scroll('axial', -10)
    else if (event.key === 'o' || event.key === 'щ') this.toggle()
    else if (event.key === '+' || event.key === '=') this.enlarge(1.25)
    else if (event.key === '-') this.enlarge(0.8)
    else if (event.key === '0') this.fit()
    else if (event.key === 'm' || event.key === 'ь') this.setTool(this.scene.tool === 'measure' ? 'point' : 'measure')
    else return false
    return true
  }

  private toggle(): void {
    this.overlays = !this.overlays
    this.light()
  }
  private enlarge(factor: number): void {
    for (const pane of this.panes) pane.enlarge(factor)
  }
  private fit(): void {
    for (const pane of this.panes) pane.fit()
  }
  private setTool(tool: Tool): void {
    this.scene.tool = tool
    this.element.dataset.tool = tool
    this.showBar()
  }

  relabel(): void {
    this.element.setAttribute('aria-label', say('imageViewer'))
    for (const pane of this.panes) pane.relabel()
    this.strip.relabel()
    if (this.failed) this.state.textContent = say('volumeLost')
    this.showBar()
    this.draw()
  }

  private showBar(): void {
    const focused = document.activeElement?.id
    const button = (id: string, words: string, title: string, pressed: boolean | null, act: () => void) =>
      element('button', { id: `viewer-${id}`, title, onclick: act, ...(pressed === null ? {} : { 'aria-pressed': String(pressed) }) }, words)
    const group = (label: string, ...parts: Node[]) => element('div', { class: 'group', role: 'group', 'aria-label': label }, ...parts)
    const slider = element('input', {
      type: 'range', min: '0', max: '100', value: String(Math.round(this.opacity * 100)), 'aria-label': say('opacity'), title: say('opacity'),
      oninput: () => {
        this.opacity = Number(slider.value) / 100
        for (const one of this.scene.tints) one.opacity = this.opacity
        this.drawSoon()
      },
    })
    const legend = this.findingLabels.filter((label) => this.isThere(label.value)).map((label) => this.legend(label))
    this.bar.setAttribute('aria-label', say('viewerTools'))
    this.bar.replaceChildren(
      group(say('window'), ...windowNames.map((name, i) =>
        button(name, say(name), `${say(name)}: ${windows[name].centre} / ${windows[name].width} HU (${i + 1})`,
          this.window.centre === windows[name].centre && this.window.width === windows[name].width, () => this.setWindow(windows[name]))),
        element('output', { title: say('windowHow') }, `${Math.round(this.window.centre)} / ${Math.round(this.window.width)}`)),
      group(say('tool'), ...tools.map((tool) => button(tool, say(tool), say(`${tool}How`), this.scene.tool === tool, () => this.setTool(tool)))),
      group(say('zoom'), button('in', '+', say('zoomIn'), null, () => this.enlarge(1.25)),
        button('out', '−', say('zoomOut'), null, () => this.enlarge(0.8)), button('fit', say('fit'), `${say('fit')} (0)`, null, () => this.fit())),
      ...(this.findingLabels.length > 0 ? [group(say('overlays'),
        button('overlays', say('overlays'), `${say('overlays')} (O)`, this.overlays, () => this.toggle()), slider, ...legend)] : []))
    if (focused?.startsWith('viewer-')) document.getElementById(focused)?.focus()
  }

  private there: Set<number> | null = null
  /** Whether a label has any voxel: an empty overlay needs no switch. */
  private isThere(value: number): boolean {
    if (!this.labels) return false
    if (!this.there) {
      const seen = new Uint8Array(256)
      for (const label of this.labels) seen[label] = 1
      this.there = new Set([...seen.keys()].filter((label) => label > 0 && seen[label] === 1))
    }
    return this.there.has(value)
  }

  private legend(label: MaskLabel): HTMLElement {
    const swatch = element('i', { 'aria-hidden': 'true' })
    swatch.style.background = label.colour ?? '#ffffff'
    return element('button', {
      id: `viewer-label-${label.value}`, class: 'legend', 'aria-pressed': String(this.lit.has(label.value)),
      onclick: () => {
        if (!this.lit.delete(label.value)) this.lit.add(label.value)
        this.light()
      },
    }, swatch, label.name[document.documentElement.lang === 'ru' ? 'ru' : 'en'])
  }
}
