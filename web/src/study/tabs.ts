// Under the pictures: measurements, series, warnings, the report and where everything comes from.
import type { Language } from '../api'
import { element } from '../element'
import { bytes, number, quantity } from '../numbers'
import { table } from '../table'
import type { Cell } from '../table'
import { say, sayStage } from '../words'
import type { Word } from '../words'
import { notice } from './findings'
import type { Prior } from './prior'
import type { Similar } from './similar'
import type { FullResult, Measurement, Series } from './result'

function normalRange(one: Measurement): string {
  if (!one.normal) return ''
  const { low, high } = one.normal
  const side = (value: number) => quantity(value, one.decimals, one.unit)
  if (low !== null && high !== null) return `${number(low, one.decimals)}–${side(high)}`
  if (high !== null) return `≤ ${side(high)}`
  return low === null ? '' : `≥ ${side(low)}`
}

function outside(one: Measurement): boolean {
  if (!one.normal || one.value === null) return false
  const { low, high } = one.normal
  return (low !== null && one.value < low) || (high !== null && one.value > high)
}

const reliabilities: Record<Measurement['reliability'], Word> = {
  good: 'reliabilityGood', limited: 'reliabilityLimited', weak: 'reliabilityWeak',
}

function measurementRow(one: Measurement, language: Language): Cell[] {
  const why = [one.method[language], one.caveat[language], one.source].filter((words) => words !== '')
  const name = element('span', {}, one.name[language])
  if (why.length > 0)
    name.append(element('details', { class: 'how' }, element('summary', {}, say('how')), ...why.map((words) => element('p', {}, words))))
  const value = element('span', { class: outside(one) ? 'outside' : '' }, quantity(one.value, one.decimals, one.unit),
    ...(outside(one) ? [` ▲ ${say('outside')}`] : []))
  const normal = element('span', one.normal ? { title: one.normal.source } : {}, normalRange(one))
  return [name, value, normal, say(reliabilities[one.reliability])]
}

function measurements(result: FullResult, language: Language): Node[] {
  const columns: Word[] = ['measurement', 'value', 'normalRange', 'reliability']
  const part = (title: Word, values: Measurement[]) => values.length === 0 ? [] : [element('h3', {}, say(title)),
    table(columns, values.map((one) => measurementRow(one, language)), say(title))]
  const all = [...part('measurements', result.measurements), ...part('imageQuality', result.quality)]
  return all.length > 0 ? all : [element('p', { class: 'quiet' }, say('noMeasurements'))]
}

function seriesRow(one: Series, language: Language): Cell[] {
  const thickness = one.slice_thickness_mm === null ? '' : quantity(one.slice_thickness_mm, 2, 'mm')
  return [element('b', { class: `role-${one.role}` }, say(one.role)), one.description || one.uid, String(one.images), thickness,
    one.kernel, element('div', {}, ...one.reasons.map((reason) => element('p', {}, reason.what[language])))]
}

function series(result: FullResult, language: Language): Node[] {
  const out: Node[] = [table(['role', 'series', 'images', 'thickness', 'kernel', 'why'],
    result.series.map((one) => seriesRow(one, language)), say('series'))]
  if (result.files_set_aside.length > 0)
    out.push(element('h3', {}, say('setAsideFiles')), element('ul', { class: 'files' }, ...result.files_set_aside.map((file) =>
      element('li', {}, element('code', {}, file.path), ' ', file.reason.what[language].replace(file.path, '').replace(/^\W+/, '')))))
  return out
}

function warnings(result: FullResult, language: Language): Node[] {
  if (result.notices.length === 0) return [element('p', { class: 'quiet' }, say('noWarnings'))]
  return result.notices.map((one) => notice(one, language))
}

function networks(result: FullResult, language: Language): Node[] {
  return result.networks.flatMap((network) => [
    element('h3', {}, `${say('network')} ${network.model}`),
    element('p', { class: 'quiet' }, network.decides ? say('networkDecides') : say('networkBeside')),
    table(['finding', 'probability', 'threshold'], network.findings.map((one) =>
      [one.name[language], number(one.probability, 2), number(one.threshold, 2)]), network.model),
  ])
}

/** What a file of a result is. */
function fileWord(name: string): Word {
  if (name === 'report.html') return 'fileHtml'
  if (name === 'report.txt') return 'fileText'
  if (name === 'volume.nii.gz') return 'fileVolume'
  if (name === 'view.json') return 'fileView'
  if (name === 'segmentation.dcm') return 'fileSegmentation'
  if (name === 'report.dcm') return 'fileStructured'
  return name.endsWith('.nii.gz') ? 'fileMask' : 'filePicture'
}

function downloads(result: FullResult, study: string, folder: string): Node[] {
  const link = (href: string, name: string, what: Word, size: string) =>
    element('li', {}, element('a', { href, download: name }, name), ` — ${say(what)} ${size}`)
  return [element('ul', { class: 'files' },
    link(folder, 'result.json', 'fileJson', ''),
    link(`/api/v1/studies/${study}/table.xlsx`, 'report.xlsx', 'fileXlsx', ''),
    ...result.files.filter((file) => file.name !== 'view.json').map((file) =>
      link(`${folder}/${file.name}`, file.name.replaceAll('/', '-'), fileWord(file.name), bytes(file.bytes))),
    link(`/api/v1/studies/${study}/file`, 'study', 'fileSent', ''))]
}

function provenance(result: FullResult): Node[] {
  const { provenance: from, timings } = result
  const fact = (word: Word, ...value: Cell[]) => [element('dt', {}, say(word)), element('dd', {}, ...value)]
  const code = (text: string) => element('code', {}, text)
  return [element('dl', {},
    ...fact('program', `${from.program} ${from.program_version}`),
    ...fact('inputHash', code(from.input_sha256)), ...fact('resultHash', code(result.result_sha256)),
    ...fact('studyUid', code(result.study.study_uid)), ...fact('seriesUid', code(result.study.series_uid)),
    ...fact('settings', Object.entries(from.settings).map(([key, value]) => `${key}=${value}`).join(', ') || say('defaults')),
    ...from.models.flatMap((model) => fact('model', `${model.name} ${model.version} `, code(model.sha256)))),
    element('h3', {}, `${say('time')}: ${number(timings.seconds, 1)} ${say('seconds')}`),
    table(['stage', 'seconds'], timings.stages.map((one) => [sayStage(one.stage), number(one.seconds, 2)]), say('time'))]
}

export type TabName = 'measurements' | 'prior' | 'similar' | 'series' | 'warnings' | 'downloads' | 'provenance'

/** Tabs as ARIA has them: arrows move between them, and the chosen one is the only tab stop. */
export function tabs(result: FullResult, study: string, folder: string, prior: Prior, similar: Similar, language: Language, chosen: TabName,
  choose: (name: TabName) => void): HTMLElement {
  const content: Record<TabName, () => Node[]> = {
    measurements: () => [...measurements(result, language), ...networks(result, language)],
    prior: () => prior.content(result, language),
    similar: () => similar.content(),
    series: () => series(result, language),
    warnings: () => warnings(result, language),
    downloads: () => downloads(result, study, folder),
    provenance: () => provenance(result),
  }
  const names = Object.keys(content) as TabName[]
  const count = (name: TabName) => name === 'warnings' && result.notices.length > 0 ? ` (${result.notices.length})` : ''
  const buttons = names.map((name) => element('button', {
    role: 'tab', id: `tab-${name}`, 'aria-selected': String(name === chosen), 'aria-controls': 'tab-panel', tabindex: name === chosen ? '0' : '-1',
    onclick: () => choose(name),
    onkeydown: (event: KeyboardEvent) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      if (step === 0) return
      event.stopPropagation()
      const next = names[(names.indexOf(name) + step + names.length) % names.length]!
      choose(next)
      document.getElementById(`tab-${next}`)?.focus()
    },
  }, say(name) + count(name)))
  return element('section', { class: 'tabs' }, element('div', { role: 'tablist', 'aria-label': say('details') }, ...buttons),
    element('div', { role: 'tabpanel', id: 'tab-panel', 'aria-labelledby': `tab-${chosen}`, class: `tab-${chosen}` }, ...content[chosen]()))
}
