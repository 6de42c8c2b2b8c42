// Numbers, dates and units as people read them.
import type { Language, Text } from './api'

let language: Language = 'en'
export function setNumberLanguage(wanted: Language): void {
  language = wanted
}

export function number(value: number | null, decimals: number): string {
  if (value === null) return '–'
  return value.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

// UCUM codes that people write otherwise.
const units: Record<string, Text> = {
  '1': { en: '', ru: '' },
  '%': { en: '%', ru: '%' },
  'mL': { en: 'mL', ru: 'мл' },
  'L': { en: 'L', ru: 'л' },
  'mm': { en: 'mm', ru: 'мм' },
  'cm': { en: 'cm', ru: 'см' },
  'mm2': { en: 'mm²', ru: 'мм²' },
  'mm3': { en: 'mm³', ru: 'мм³' },
  'cm2': { en: 'cm²', ru: 'см²' },
  'kg': { en: 'kg', ru: 'кг' },
  'deg': { en: '°', ru: '°' },
  'a': { en: 'y', ru: 'лет' },
}

export function unit(code: string): string {
  if (units[code]) return units[code][language]
  return code.replace(/[[\]{}]/g, '').replace('hnsf\'U', 'HU')
}

export function quantity(value: number | null, decimals: number, code: string): string {
  const text = unit(code)
  return value === null || text === '' ? number(value, decimals) : `${number(value, decimals)} ${text}`
}

/** "20261120" → "2026-11-20". */
export function date(dicom: string): string {
  return /^\d{8}$/.test(dicom) ? `${dicom.slice(0, 4)}-${dicom.slice(4, 6)}-${dicom.slice(6)}` : dicom
}

export function bytes(count: number): string {
  const steps = language === 'ru' ? ['Б', 'КБ', 'МБ', 'ГБ', 'ТБ'] : ['B', 'KB', 'MB', 'GB', 'TB']
  let step = 0
  for (; count >= 1024 && step < steps.length - 1; ++step) count /= 1024
  return `${number(count, step > 1 && count < 10 ? 1 : 0)} ${steps[step]}`
}
