// A service with a folder of its own, a browser in front of it, and what they have to keep to.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const packages = createRequire(join(root, 'web/package.json'))
const { chromium } = packages('playwright-core')
const axeSource = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8')

export const patience = 240_000
export const pictures = process.env.THORAX_PICTURES

/** The program with these words; what it says. */
export const thorax = (words, input = '') => execFileSync(process.env.THORAX, words, { encoding: 'utf8', input })

/** A folder for a service. */
export const newFolder = () => mkdtempSync(join(tmpdir(), 'thorax-web-'))

/** Starts the program as a user would; resolves when it says where it is. */
export function startService(...settings) {
  return startServiceIn(newFolder(), ...settings)
}

export function startServiceIn(folder, ...settings) {
  const words = ['serve', '--port', '0', '--data', join(folder, 'data'), `serve.page=${root}web/dist`, ...settings]
  const child = spawn(process.env.THORAX, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = () => new Promise((resolve) => {
    child.once('exit', () => { rmSync(folder, { recursive: true, force: true }); resolve() })
    child.kill('SIGTERM')
  })
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', (code) => reject(new Error(`thorax serve ended with ${code}: ${said}`)))
    child.stdout.on('data', (bytes) => {
      said += bytes
      const address = said.match(/http:\/\/[^\s]+/)
      if (address) resolve({ address: address[0], folder, stop })
    })
  })
}

// SwiftShader draws WebGL where there is no graphics card; on a busy machine it may take longer than
// the watchdog waits before it kills it.
const softwareWebgl = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-watchdog']

export function startBrowser(switches = softwareWebgl) {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', ...switches] })
}

/** A page that keeps what went wrong on it: errors, refusals by its security policy, strangers. */
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'en-US', ...options })
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    // The browser itself tells of answers that are no success; the page shows them.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${address}/`) && !/^(data|blob):/.test(url)) faults.push(`a request to ${url}`)
  })
  page.setDefaultTimeout(patience)
  await page.goto(`${address}/`)
  return { page, faults }
}

export const picture = (page, name, options = {}) => page.screenshot({ path: join(pictures, `${name}.png`), ...options })

/** What WCAG 2.1 AA forbids, as axe sees it; an empty list is good. */
export async function accessibilityFaults(page) {
  await page.evaluate(axeSource)
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), rules)
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`))
}

/** The row of a study, when its job has come to an end. */
export async function endedRow(page, name) {
  const row = page.locator('tbody tr', { hasText: name })
  await row.locator('.done, .failed').waitFor()
  return row
}

/** Reads until it is as wanted: what a key or the mouse does may be seen a frame later only. */
export async function until(read, wanted) {
  const end = Date.now() + patience
  for (;;) {
    const seen = await read()
    if (wanted(seen)) return
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(seen)}, not as wanted: ${wanted}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Milliseconds from the beginning of the page to a mark that the page sets. */
export async function mark(page, name) {
  await page.waitForFunction((wanted) => performance.getEntriesByName(wanted).length > 0, name)
  return page.evaluate((wanted) => Math.round(performance.getEntriesByName(wanted)[0].startTime), name)
}

/** Mean grey and a sum over the pixels of a plane, to see whether and how it changes. */
export function pixels(page, plane) {
  return page.locator(`.pane.${plane} canvas`).evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let sum = 0
    let hash = 0
    for (let i = 0; i < data.length; i += 4) {
      sum += data[i]
      hash = (hash * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2]) | 0
    }
    return { mean: (4 * sum) / data.length, hash }
  })
}
