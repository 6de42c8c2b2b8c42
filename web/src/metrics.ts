// Prometheus' text format, as far as the service writes it.

export interface Sample {
  labels: Record<string, string>
  value: number
}
export type Metrics = Map<string, Sample[]>

export function parseMetrics(text: string): Metrics {
  const metrics: Metrics = new Map()
  for (const line of text.split('\n')) {
    const found = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!found) continue
    const labels = Object.fromEntries([...(found[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map((label) => [label[1]!, label[2]!]))
    const samples = metrics.get(found[1]!) ?? []
    samples.push({ labels, value: Number(found[3]) })
    metrics.set(found[1]!, samples)
  }
  return metrics
}
