// A result in full (schemas/study-result.schema.json): the parts that the page shows.
import type { Failure, Text } from '../api'

export interface Notice {
  id: string
  severity: 'info' | 'warning' | 'error'
  what: Text
  todo: Text
}

export interface Place {
  where: Text
  centre_mm: [number, number, number]
  size_mm: [number, number, number]
  voxel_zyx: [number, number, number]
}

export interface Evidence {
  measurement: string
  name: Text
  value: number | null
  cutoff: number | null
  unit: string
  decimals: number
  score: number | null
  source: Text
}

export interface Finding {
  id: string
  name: Text
  analysed: boolean
  not_analysed_why: Text
  score: number | null
  threshold: number | null
  positive: boolean
  severity_rank: number
  evidence: Evidence[]
  places: Place[]
}

export interface Measurement {
  id: string
  name: Text
  value: number | null
  unit: string
  decimals: number
  normal: { low: number | null; high: number | null; source: string } | null
  reliability: 'good' | 'limited' | 'weak'
  caveat: Text
  method: Text
  source: string
}

export interface Lesion {
  finding: string
  description: Text
  place: Place
  diameter_mm: number
  suspicious: boolean
}

export interface Series {
  uid: string
  description: string
  modality: string
  role: 'taken' | 'candidate' | 'set_aside'
  images: number
  slice_thickness_mm: number | null
  kernel: string
  reasons: Notice[]
}

export interface Network {
  model: string
  probability: number | null
  threshold: number | null
  decides: boolean
  findings: { id: string; name: Text; probability: number | null; threshold: number | null; positive: boolean }[]
}

export interface FullResult {
  schema_version: string
  study: {
    study_uid: string
    series_uid: string
    date: string
    kind: 'ct' | 'xray' | 'other' | ''
    patient: { name: string | null; id: string | null; sex: string; age_years: number | null }
  }
  failure: (Notice & Failure) | null
  trust: { level: 'good' | 'usable' | 'unfit'; reasons: Notice[] }
  verdict: {
    kind: 'normal' | 'pathology' | 'uncertain'
    probability: number | null
    calibrated: boolean
    band: [number, number]
    prediction_set: { miss_rate: number; classes: Text[] } | null
    most_dangerous: string
  } | null
  findings: Finding[]
  networks: Network[]
  lesions: Lesion[]
  measurements: Measurement[]
  quality: Measurement[]
  notices: Notice[]
  series: Series[]
  files_set_aside: { path: string; reason: Notice }[]
  pictures: {
    name: string; role: string; plane: string; window: string; group: number; caption: Text
    width: number; height: number; legend: { tag: string; colour: string; name: Text }[]
  }[]
  provenance: {
    program: string; program_version: string; input_sha256: string
    models: { name: string; version: string; sha256: string }[]
    settings: Record<string, string>
  }
  files: { name: string; bytes: number; sha256: string }[]
  timings: { seconds: number; stages: { stage: string; seconds: number }[] }
  result_sha256: string
}
