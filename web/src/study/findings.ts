// The right side of a study: the verdict, then every finding with what it rests on.
import type { Language } from '../api'
import { element } from '../element'
import { number, quantity } from '../numbers'
import { say } from '../words'
import type { Finding, FullResult, Lesion, Notice, Place } from './result'

export interface Go {
  place: Place
  findings: string[]
  named: string
}

export interface FindingHands {
  show(go: Go): void
  colour(findingId: string): string | null
  /** What readers think of it. */
  opinion(findingId: string): HTMLElement
}

// Shapes as well as colours and words.
export const marks = { pathology: '●', uncertain: '◌', normal: '○' }

export function verdict(result: FullResult, language: Language): HTMLElement {
  const { verdict: said, trust } = result
  const box = element('div', { class: 'verdict-box' })
  if (said) {
    const likely = said.probability === null ? [] : [element('b', {}, number(said.probability, 2))]
    box.append(element('p', { class: `verdict ${said.kind}` }, `${marks[said.kind]} ${say(said.kind)} `, ...likely))
    if (said.probability !== null && !said.calibrated) box.append(element('p', { class: 'quiet' }, say('notCalibrated')))
    box.append(element('p', { class: 'quiet' }, certainty(said, language)))
  }
  box.append(element('p', { class: 'quiet' }, `${say('trust')}: `, element('b', { class: `trust-${trust.level}` }, say(trust.level))))
  for (const reason of trust.reasons) box.append(notice(reason, language))
  return box
}

/** What is promised of the answer: a set of classes at a miss rate, or the band of doubt. */
function certainty(said: NonNullable<FullResult['verdict']>, language: Language): string {
  if (!said.prediction_set) return `${say('uncertainBand')} ${number(said.band[0], 2)}–${number(said.band[1], 2)}`
  const classes = said.prediction_set.classes.map((one) => one[language]).join(', ')
  return `${say('conformal')} ${number(said.prediction_set.miss_rate * 100, 0)} %: {${classes || say('nothing')}}`
}

export function notice(one: Notice, language: Language): HTMLElement {
  return element('div', { class: `notice ${one.severity}` }, element('p', {}, one.what[language]),
    element('p', { class: 'quiet' }, one.todo[language]))
}

function bar(finding: Finding): HTMLElement {
  const score = finding.score ?? 0
  const track = element('div', {
    class: 'bar', role: 'meter', 'aria-valuemin': '0', 'aria-valuemax': '1', 'aria-valuenow': score.toFixed(2),
    'aria-label': say('score'), title: `${say('threshold')} ${number(finding.threshold, 2)}`,
  })
  const fill = element('i')
  fill.style.width = `${score * 100}%`
  const line = element('s')
  line.style.left = `${(finding.threshold ?? 0.5) * 100}%`
  track.append(fill, line)
  return track
}

function showButton(go: Go, hands: FindingHands): HTMLElement {
  return element('button', { class: 'show', 'aria-label': `${say('show')}: ${go.named}`, onclick: () => hands.show(go) }, say('show'))
}

function evidence(finding: Finding, language: Language): Node[] {
  return finding.evidence.map((one) => {
    const cutoff = one.cutoff === null ? '' : ` (${say('cutoff')} ${quantity(one.cutoff, one.decimals, one.unit)})`
    const source = one.source[language]
    return element('p', source ? { title: source } : {},
      `${one.name[language]}: ${quantity(one.value, one.decimals, one.unit)}${cutoff}`)
  })
}

function lesionLine(lesion: Lesion, language: Language, hands: FindingHands): HTMLElement {
  const words = lesion.description[language]
  return element('li', {}, element('span', {}, words),
    element('span', { class: 'quiet' }, `${say('slice')} ${lesion.place.voxel_zyx[0] + 1}`),
    showButton({ place: lesion.place, findings: [lesion.finding], named: words }, hands))
}

const shownLesions = 3

function lesions(found: Lesion[], language: Language, hands: FindingHands): Node[] {
  const lines = found.map((lesion) => lesionLine(lesion, language, hands))
  if (lines.length <= shownLesions + 1) return lines.length > 0 ? [element('ul', { class: 'lesions' }, ...lines)] : []
  return [element('ul', { class: 'lesions' }, ...lines.slice(0, shownLesions)),
    element('details', {}, element('summary', {}, `${say('more')} (${lines.length - shownLesions})`),
      element('ul', { class: 'lesions' }, ...lines.slice(shownLesions)))]
}

function card(finding: Finding, result: FullResult, language: Language, hands: FindingHands): HTMLElement {
  const name = finding.name[language]
  const colour = hands.colour(finding.id)
  const swatch = element('i', { class: 'swatch', 'aria-hidden': 'true' })
  if (colour) swatch.style.background = colour
  const own = result.lesions.filter((lesion) => lesion.finding === finding.id && lesion.suspicious)
  const place = finding.places[0]
  const title = element('h3', {}, ...(colour ? [swatch] : []), name)
  const head = element('div', { class: 'finding-head' }, title, bar(finding), element('b', {}, number(finding.score, 2)))
  if (place && own.length === 0) head.append(showButton({ place, findings: [finding.id], named: name }, hands))
  return element('article', { class: finding.positive ? 'finding positive' : 'finding' }, head,
    element('div', { class: 'evidence' }, ...evidence(finding, language)), ...lesions(own, language, hands), hands.opinion(finding.id))
}

function folded(title: string, content: Node[]): Node[] {
  return content.length > 0 ? [element('details', {}, element('summary', {}, `${title} (${content.length})`), ...content)] : []
}

/** Candidates below their method's threshold, so that a reader can check them. */
function candidates(result: FullResult, language: Language, hands: FindingHands): Node[] {
  const lines = result.lesions.filter((lesion) => !lesion.suspicious).map((lesion) => lesionLine(lesion, language, hands))
  return lines.length > 0
    ? [element('details', {}, element('summary', {}, `${say('candidates')} (${lines.length})`), element('ul', { class: 'lesions' }, ...lines))]
    : []
}

export function positiveFindings(result: FullResult): Finding[] {
  return result.findings.filter((one) => one.analysed && one.positive).sort((a, b) => a.severity_rank - b.severity_rank)
}

export function findings(result: FullResult, language: Language, hands: FindingHands): HTMLElement {
  const analysed = result.findings.filter((one) => one.analysed)
  const no = analysed.filter((one) => !one.positive).sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
  const not = result.findings.filter((one) => !one.analysed)
  const yes = positiveFindings(result).map((one) => card(one, result, language, hands))
  return element('section', { class: 'findings', 'aria-label': say('findings') },
    ...(yes.length > 0 || !result.verdict ? yes : [element('p', { class: 'quiet' }, say('noFindings'))]),
    ...candidates(result, language, hands),
    ...folded(say('notFound'), no.map((one) => card(one, result, language, hands))),
    ...folded(say('notAnalysed'), not.map((one) => element('p', { class: 'not-analysed' }, element('b', {}, one.name[language]), ` — ${one.not_analysed_why[language]}`))))
}
