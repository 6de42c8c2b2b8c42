// A place of the page: what the address after # names.
import type { Job, Language } from './api'

export interface View {
  readonly element: HTMLElement
  readonly title: string
  /** Says everything again, in the language now chosen. */
  relabel(language: Language): void
  /** Whether a key meant something here. */
  key(event: KeyboardEvent): boolean
  /** What the service tells: a job went on, or (null) the list of studies changed. */
  hear(job: Job | null): void
  leave(): void
}

export const addressOf = (study: string, number = 1): string =>
  `#/study/${study}${number === 1 ? '' : `/${number}`}`
