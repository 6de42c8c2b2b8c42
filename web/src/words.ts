// Everything the page says, in both languages.
import type { Language } from './api'

const words = {
  drop: ['Drop studies here: zip, DICOM, NIfTI, JPEG, PNG', 'Перетащите исследования сюда: zip, DICOM, NIfTI, JPEG, PNG'],
  choose: ['Choose files', 'Выбрать файлы'],
  search: ['Search name, id, finding', 'Поиск: имя, номер, находка'],
  when: ['When', 'Время'],
  study: ['Study', 'Исследование'],
  kind: ['Kind', 'Вид'],
  verdict: ['Verdict', 'Заключение'],
  severe: ['Most severe finding', 'Самая опасная находка'],
  trust: ['Trust', 'Доверие'],
  state: ['State', 'Состояние'],
  actions: ['Actions', 'Действия'],
  ct: ['CT', 'КТ'],
  xray: ['X-ray', 'Рентген'],
  other: ['–', '–'],
  normal: ['no pathology', 'без патологии'],
  pathology: ['pathology', 'патология'],
  uncertain: ['uncertain', 'неопределённо'],
  refused: ['refused', 'отказ'],
  good: ['good', 'хорошее'],
  usable: ['usable', 'пригодно'],
  unfit: ['unfit', 'непригодно'],
  queued: ['waiting', 'в очереди'],
  running: ['reading', 'обработка'],
  done: ['done', 'готово'],
  failed: ['failed', 'ошибка'],
  cancelled: ['cancelled', 'отменено'],
  report: ['Report', 'Отчёт'],
  cancel: ['Cancel', 'Отменить'],
  retry: ['Retry', 'Повторить'],
  remove: ['Delete', 'Удалить'],
  sure: ['Delete this study with its report?', 'Удалить исследование вместе с отчётом?'],
  any: ['all', 'все'],
  empty: ['No studies yet. Drop a zip of a chest CT above.', 'Исследований пока нет. Перетащите сюда архив КТ грудной клетки.'],
  none: ['Nothing matches. Clear the search or the filter.', 'Ничего не найдено. Очистите поиск или фильтр.'],
  loading: ['Loading …', 'Загрузка …'],
  lost: ['The service does not answer. It is asked again until it does.', 'Сервис не отвечает. Запрос повторяется, пока он не ответит.'],
  sending: ['sending', 'отправка'],
  sent: ['sent', 'отправлено'],
  more: ['Show more', 'Показать ещё'],
  theme: ['Light or dark', 'Светлая или тёмная тема'],
  research: ['Research use only. Not for diagnosis.', 'Только для исследовательских целей. Не для диагностики.'],
  seconds: ['s', 'с'],
} satisfies Record<string, [string, string]>

export type Word = keyof typeof words

let language: Language = 'en'
export function setLanguage(wanted: Language): void {
  language = wanted
}
export function say(word: Word): string {
  return words[word][language === 'en' ? 0 : 1]
}

const stages: Record<string, [string, string]> = {
  start: ['start', 'запуск'],
  index: ['files', 'файлы'],
  read: ['pixels', 'чтение'],
  quality: ['quality', 'качество'],
  lungs: ['lungs', 'лёгкие'],
  report: ['report', 'отчёт'],
  done: ['done', 'готово'],
}

/** A stage of the work; one that has no word here is shown as the program names it. */
export function sayStage(stage: string): string {
  return stages[stage]?.[language === 'en' ? 0 : 1] ?? stage
}
