// The report that lies beside a result: one file that a browser opens by itself.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { accessibilityFaults, newFolder, patience, picture, startBrowser, thorax } from './support.mjs'

let folder, browser, page

before(async () => {
  folder = newFolder()
  const study = join(folder, 'chest')
  thorax(['phantom', study, '--size', '192', '--spacing', '3', '--no-truth'])
  // As archives of studies name their folders: nothing in it where a line would be broken.
  const deep = join(study, '1.3.6.1.4.1.14519.5.2.1.6279.6001.298806137288633453246975630178', '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192')
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(deep, '069.xml'), '<LidcReadMessage/>')
  thorax(['analyze', study, '-o', join(folder, 'out')])
  browser = await startBrowser()
  page = await (await browser.newContext({ viewport: { width: 1100, height: 800 } })).newPage()
  await page.goto(pathToFileURL(join(folder, 'out/chest/report.html')).href)
}, { timeout: patience })

after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

for (const width of [1100, 600])
  test(`at ${width} pixels nothing is squeezed or hangs out`, async () => {
    await page.setViewportSize({ width, height: 800 })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(wide <= width, `the page is ${wide} pixels wide`)
    // A text in a column of a few letters runs down the page.
    const squeezed = await page.evaluate(() => [...document.querySelectorAll('td, li, dd, p')]
      .filter((one) => one.checkVisibility() && one.clientHeight > 8 * one.clientWidth && one.innerText.length > 40)
      .map((one) => `${one.clientWidth} x ${one.clientHeight}: ${one.innerText.slice(0, 60)}`))
    assert.deepEqual(squeezed, [])
    await picture(page, `30-report-${width}`, { fullPage: true })
  })

test('it keeps to WCAG 2.1 AA', async () => {
  assert.deepEqual(await accessibilityFaults(page), [])
})
