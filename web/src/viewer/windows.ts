// Windows of chest CT: centre and width in Hounsfield units, as the report's pictures use them.
import type { Window } from './cut'

export const windows = {
  lung: { centre: -600, width: 1500 },
  mediastinum: { centre: 40, width: 400 },
  bone: { centre: 400, width: 1800 },
} satisfies Record<string, Window>

export type WindowName = keyof typeof windows
export const windowNames = Object.keys(windows) as WindowName[]
