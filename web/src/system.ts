// How the service is: its queue, its speed, its disk and what went wrong.
import { ask } from './api'
import type { Job, Language } from './api'
import { element } from './element'
import { message } from './message'
import { parseMetrics } from './metrics'
import type { Metrics } from './metrics'
import { bytes, number } from './numbers'
import { may } from './session'
import { table } from './table'
import { Users } from './users'
import { addressOf } from './view'
import type { View } from './view'
import { say, sayStage } from './words'
import type { Word } from './words'

interface Status {
  version: string
  uptime_seconds: number
  jobs: Record<Job['state'], number>
  workers: number
  queue_limit: number
  streams: number
  memory_bytes: number
  disk_free_bytes: number
  max_upload_bytes: number
}

const everyMs = 5000
const shownFailures = 10

export class SystemPage implements View {
  readonly element = element('main', { id: 'main', class: 'system' })
  private status: Status | null = null
  private metrics: Metrics = new Map()
  private failures: Job[] = []
  private problem: unknown = null
  private readonly content = element('div')
  private readonly users: Users | null
  private readonly timer = window.setInterval(() => void this.load(), everyMs)

  constructor(private language: Language) {
    this.users = may('admin') ? new Users(language) : null
    // What a person writes among the users stays there while the rest is shown anew.
    this.element.append(this.content, ...(this.users ? [this.users.element] : []))
    this.build()
    void this.load()
  }

  get title(): string {
    return `${say('system')} · Thorax`
  }

  relabel(language: Language): void {
    this.language = language
    this.users?.relabel(language)
    this.build()
  }
  key(): boolean {
    return false
  }
  hear(job: Job | null): void {
    if (job?.finished_at) void this.load()
  }
  leave(): void {
    clearInterval(this.timer)
  }

  private async load(): Promise<void> {
    try {
      const [status, metrics, failed] = await Promise.all([ask('GET', '/api/v1/status'), ask('GET', '/metrics'),
        ask('GET', `/api/v1/jobs?state=failed&limit=${shownFailures}`)])
      this.status = await status.json()
      this.metrics = parseMetrics(await metrics.text())
      this.failures = (await failed.json()).jobs
      this.problem = null
    } catch (error) {
      this.problem = error
    }
    this.build()
  }

  private build(): void {
    const { status } = this
    const notes = this.problem ? [message(this.problem)] : []
    if (!status) return this.content.replaceChildren(element('h2', {}, say('system')), ...notes, ...(notes.length > 0 ? [] : [element('p', { class: 'note' }, say('loading'))]))
    this.content.replaceChildren(element('h2', {}, say('system')), ...notes,
      element('div', { class: 'tiles' }, ...this.tiles(status)),
      element('h3', {}, say('speed')), ...this.speed(),
      element('h3', {}, say('lastFailures')), ...this.lastFailures(),
      element('p', { class: 'quiet' }, element('a', { href: '/metrics' }, '/metrics'), ' · ', element('a', { href: '/api/v1/openapi.json' }, 'openapi.json')))
  }

  private tiles(status: Status): HTMLElement[] {
    const tile = (word: Word, value: string, more = '') =>
      element('div', { class: 'tile' }, element('span', { class: 'quiet' }, say(word)), element('b', {}, value), element('span', { class: 'quiet' }, more))
    const hours = status.uptime_seconds / 3600
    return [
      tile('queued', String(status.jobs.queued), `${say('outOf')} ${status.queue_limit}`),
      tile('running', String(status.jobs.running), `${say('workers')}: ${status.workers}`),
      tile('done', String(status.jobs.done)), tile('failed', String(status.jobs.failed)),
      tile('diskFree', bytes(status.disk_free_bytes), `${say('mostUpload')} ${bytes(status.max_upload_bytes)}`),
      tile('memory', bytes(status.memory_bytes)),
      tile('uptime', `${number(hours, 1)} ${say('hours')}`, `Thorax ${status.version}`),
    ]
  }

  /** Means since the service started. */
  private speed(): Node[] {
    const jobs = this.metrics.get('thorax_job_seconds_count')?.[0]?.value ?? 0
    if (jobs === 0) return [element('p', { class: 'quiet' }, say('noSpeed'))]
    const total = this.metrics.get('thorax_job_seconds_sum')?.[0]?.value ?? 0
    const wait = this.metrics.get('thorax_job_wait_seconds_sum')?.[0]?.value ?? 0
    const sums = this.metrics.get('thorax_stage_seconds_sum') ?? []
    const counts = new Map((this.metrics.get('thorax_stage_seconds_count') ?? []).map((one) => [one.labels['stage'], one.value]))
    const stages = sums.map(({ labels, value }) => ({ stage: labels['stage'] ?? '', mean: value / Math.max(1, counts.get(labels['stage']) ?? 1) }))
      .sort((a, b) => b.mean - a.mean)
    return [element('p', {}, `${say('perStudy')}: ${number(total / jobs, 1)} ${say('seconds')} · ${say('wait')}: ${number(wait / jobs, 1)} ${say('seconds')} · ${say('studiesRead')}: ${jobs}`),
      table(['stage', 'meanSeconds'], stages.map((one) => [sayStage(one.stage), number(one.mean, 2)]), say('speed'))]
  }

  private lastFailures(): Node[] {
    if (this.failures.length === 0) return [element('p', { class: 'quiet' }, say('noFailures'))]
    return [table(['when', 'code', 'why', 'study'], this.failures.map((job) => [
      new Date(job.finished_at ?? job.started_at ?? 0).toLocaleString(this.language), job.failure?.code ?? '', job.failure?.what[this.language] ?? '',
      element('a', { href: addressOf(job.study_id) }, say('open'))]), say('lastFailures'))]
  }
}
