// One study: the pictures large, the answer beside them, everything else below.
import { fetchJson, folderOf, ServiceError, study as fetchStudy } from '../api'
import type { Job, Language, Study } from '../api'
import { element } from '../element'
import { date, number } from '../numbers'
import type { View } from '../view'
import { addressOf } from '../view'
import { Radiograph } from '../viewer/radiograph'
import type { XrayView } from '../viewer/radiograph'
import { Viewer } from '../viewer/viewer'
import type { CtView, Target } from '../viewer/viewer'
import { say, sayStage } from '../words'
import { Feedback } from './feedback'
import { findings, notice, positiveFindings, verdict } from './findings'
import type { Go } from './findings'
import { Prior } from './prior'
import { printed } from './printed'
import type { FullResult, Place } from './result'
import { Similar } from './similar'
import { tabs } from './tabs'
import type { TabName } from './tabs'

export class StudyPage implements View {
  readonly element = element('main', { class: 'study', id: 'main' })
  private readonly ended = new AbortController()
  private study: Study | null = null
  private result: FullResult | null = null
  private view: CtView | XrayView | null = null
  private viewer: Viewer | Radiograph | null = null
  private problem: unknown = null
  private tab: TabName = 'measurements'
  private next = 0
  private readonly answer = element('aside', { class: 'answer' })
  private readonly details = element('div')
  private paper: HTMLElement | null = null

  private readonly prior: Prior
  private readonly feedback: Feedback
  private readonly similar: Similar

  constructor(private readonly id: string, private readonly number: number, private language: Language) {
    const changed = () => { if (this.result) this.buildDetails(this.result) }
    this.prior = new Prior(id, number, changed, this.ended.signal)
    this.similar = new Similar(this.folder, changed, this.ended.signal)
    addEventListener('beforeprint', () => this.readyToPrint(), { signal: this.ended.signal })
    this.feedback = new Feedback(this.folder, language)
    this.build()
    void this.load()
  }

  get title(): string {
    return this.study ? `${this.study.name} · Thorax` : 'Thorax'
  }

  private get folder(): string {
    return folderOf(this.id, this.number)
  }

  private async load(): Promise<void> {
    const { signal } = this.ended
    try {
      const ask = [fetchStudy(this.id), fetchJson<FullResult>(this.folder, signal),
        fetchJson<CtView | XrayView>(`${this.folder}/view.json`, signal)] as const
      ;[this.study, this.result, this.view] = await Promise.all(ask)
    } catch (error) {
      if (signal.aborted) return
      this.problem = error
    }
    // The pictures do not wait for it.
    if (this.result) void this.feedback.load()
    if (this.view?.kind === 'ct') this.viewer = new Viewer(this.view, this.folder, this.start(), this.found())
    if (this.view?.kind === 'xray') this.viewer = new Radiograph(this.view, this.folder)
    this.build()
    document.title = this.title
  }

  /** The most dangerous finding's place. */
  private start(): Target | null {
    const first = this.places()[0]
    return first ? this.target(first.place, first.findings) : null
  }

  private found(): string[] {
    return this.result ? positiveFindings(this.result).map((one) => one.id) : []
  }

  private target(place: Place, ids: string[]): Target {
    const ct = this.view as CtView
    const spacing = ct.volume.spacing_mm_zyx
    const label = ct.masks[0]?.labels.find((one) => one.findings.some((id) => ids.includes(id)))
    const [x, y, z] = place.size_mm
    return { voxel: place.voxel_zyx, size: [z / spacing[0], y / spacing[1], x / spacing[2]], window: label?.window ?? null }
  }

  /** Every place of the positive findings, the most dangerous first. */
  private places(): Go[] {
    const result = this.result
    if (!result) return []
    return positiveFindings(result).flatMap((finding) => {
      const own = result.lesions.filter((lesion) => lesion.finding === finding.id && lesion.suspicious)
      const named = finding.name[this.language]
      return own.length > 0
        ? own.map((lesion) => ({ place: lesion.place, findings: [finding.id], named: lesion.description[this.language] }))
        : finding.places.map((place) => ({ place, findings: [finding.id], named }))
    })
  }

  private show(go: Go): void {
    if (this.viewer instanceof Radiograph) this.viewer.showHeat()
    if (!(this.viewer instanceof Viewer)) return
    this.viewer.jump(this.target(go.place, go.findings), go.findings)
    this.viewer.element.scrollIntoView({ block: 'nearest' })
  }

  private colour(finding: string): string | null {
    if (this.view?.kind !== 'ct') return null
    return this.view.masks[0]?.labels.find((label) => label.findings.includes(finding))?.colour ?? null
  }

  relabel(language: Language): void {
    this.language = language
    this.viewer?.relabel()
    this.paper = null
    this.build()
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === 'f' || event.key === 'а') {
      const places = this.places()
      if (places.length > 0) this.show(places[this.next++ % places.length]!)
      return true
    }
    if (event.key === 'r' || event.key === 'к') {
      window.open(`${this.folder}/report.html`, '_blank', 'noopener')
      return true
    }
    return this.viewer?.key(event) ?? false
  }

  hear(job: Job | null): void {
    if (!job || job.study_id !== this.id) return
    if (this.study) this.study.job = job
    if (job.finished_at !== null && !this.result) void this.load()
    else if (!this.result) this.build()
  }

  leave(): void {
    this.ended.abort()
    this.viewer?.leave()
  }

  private heading(): HTMLElement {
    const result = this.result
    const facts: string[] = []
    if (result) {
      const { patient, kind, date: day } = result.study
      const taken = result.series.find((one) => one.role === 'taken')
      if (patient.age_years !== null) facts.push(number(Math.round(patient.age_years), 0))
      facts.push(patient.sex, kind === 'ct' || kind === 'xray' ? `${say(kind)} ${date(day)}`.trim() : date(day))
      if (taken?.slice_thickness_mm) facts.push(`${number(taken.slice_thickness_mm, 2)} ${say('mm')}`)
      if (taken?.kernel) facts.push(`${say('kernel')} ${taken.kernel}`)
    }
    const links = result ? [
      element('a', { class: 'button', href: `${this.folder}/report.html`, target: '_blank', rel: 'noopener', title: `${say('report')} (R)` }, say('report')),
      element('button', { onclick: () => window.print() }, say('print')),
      element('a', { class: 'button', href: `/api/v1/studies/${this.id}/table.xlsx`, download: '' }, 'XLSX')] : []
    return element('div', { class: 'study-head' }, element('a', { class: 'button', href: '#/' }, `‹ ${say('list')}`),
      element('h2', {}, this.study?.name ?? ''), element('span', { class: 'quiet' }, facts.filter((one) => one !== '').join(' · ')),
      ...this.otherResults(), element('span', { class: 'gap' }), ...links)
  }

  /** An upload may hold several studies. */
  private otherResults(): Node[] {
    const results = this.study?.results ?? []
    if (results.length < 2) return []
    return [element('nav', { class: 'results', 'aria-label': say('results') }, ...results.map((one) =>
      element('a', { class: 'button', href: addressOf(this.id, one.number), ...(one.number === this.number ? { 'aria-current': 'page' } : {}) }, String(one.number))))]
  }

  /** Why there is nothing to see yet, or at all, and what to do about it. */
  private emptyState(): HTMLElement {
    if (this.problem) {
      const known = this.problem instanceof ServiceError ? this.problem.problem : null
      return element('div', { class: 'note', role: 'alert' }, element('h3', {}, known?.title ?? say('lost')), element('p', {}, known?.detail ?? ''),
        element('a', { class: 'button', href: '#/' }, `‹ ${say('list')}`))
    }
    const job = this.study?.job
    if (!job) return element('p', { class: 'note' }, say('loading'))
    if (job.failure)
      return element('div', { class: 'note', role: 'alert' }, element('h3', {}, job.failure.what[this.language]),
        element('p', {}, `${job.failure.todo[this.language]} (${job.failure.code})`))
    return element('div', { class: 'note', role: 'status' }, element('progress', { max: '100', value: String(job.percent), 'aria-label': say('running') }),
      element('p', {}, `${say(job.state)} ${job.stage ? sayStage(job.stage) : ''} ${Math.floor(job.percent)} %`))
  }

  private build(): void {
    const result = this.result
    if (!result) return this.element.replaceChildren(this.heading(), this.emptyState())
    if (this.viewer instanceof Viewer)
      this.viewer.setMarks(this.places().map((go) => ({
        slice: go.place.voxel_zyx[0], colour: this.colour(go.findings[0]!) ?? '#ffffff', title: go.named,
      })))
    const picture = this.viewer?.element ?? element('p', { class: 'note' }, say('nothingToSee'))
    this.answer.setAttribute('aria-label', say('answer'))
    this.element.replaceChildren(this.heading(), element('div', { class: 'reading' }, picture, this.answer), this.details,
      (this.paper ??= printed(result, this.folder, this.language)))
    this.buildAnswer(result)
    this.buildDetails(result)
  }

  private buildAnswer(result: FullResult): void {
    const open = [...this.answer.querySelectorAll('details')].map((one) => one.open)
    const hands = {
      show: (go: Go) => this.show(go), colour: (id: string) => this.colour(id),
      opinion: (id: string) => this.feedback.content(id, this.language),
    }
    this.answer.replaceChildren(...(result.failure ? [notice(result.failure, this.language)] : []),
      verdict(result, this.language), this.feedback.ofVerdict(this.language), findings(result, this.language, hands))
    ;[...this.answer.querySelectorAll('details')].forEach((one, i) => (one.open = open[i] ?? false))
  }

  /** On paper stand the measurements, or the comparison when that is open. */
  private readyToPrint(): void {
    if (!this.result || this.tab === 'prior') return
    this.tab = 'measurements'
    this.buildDetails(this.result)
  }

  private buildDetails(result: FullResult): void {
    const choose = (name: TabName) => { this.tab = name; this.buildDetails(result) }
    this.details.replaceChildren(tabs(result, this.id, this.folder, this.prior, this.similar, this.language, this.tab, choose))
  }
}
