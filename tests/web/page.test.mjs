// The page as people use it: a phantom's study dropped in, read, opened, measured, printed; and what
// happens when a study cannot be read.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { accessibilityFaults, endedRow, mark, openPage, patience, picture, pictures, pixels, root, startBrowser, startService, until } from './support.mjs'

const ct = { name: 'phantom-chest.zip', path: join(root, 'samples/phantom-chest.zip') }
const lidc = join(process.env.THORAX_SHARED_DATA ?? join(root, '../shared/data'), 'ct/LIDC-IDRI-0001.zip')
const measured = {}
let service, browser, page, faults

before(async () => {
  service = await startService()
  browser = await startBrowser()
  ;({ page, faults } = await openPage(browser, service.address))
}, { timeout: patience })

after(async () => {
  writeFileSync(join(pictures, 'measured.json'), `${JSON.stringify(measured, null, 1)}\n`)
  await browser?.close()
  await service?.stop()
})

const slice = () => page.locator('.strip input').evaluate((input) => Number(input.value))
const studyOf = async (name) => {
  const { studies } = await (await fetch(`${service.address}/api/v1/studies?q=${name}`)).json()
  return studies[0]
}
const addressOf = async (name) => `${service.address}/#/study/${(await studyOf(name)).id}`

/** Opens a study in a browser that has never seen the page, and says when what was on the screen. */
async function times(name, shot) {
  const fresh = await startBrowser()
  const opened = await openPage(fresh, service.address)
  await opened.page.goto('about:blank')
  await opened.page.goto(await addressOf(name))
  const seen = {}
  for (const what of ['first-slice', 'volume', 'solid']) seen[`${what}_ms`] = await mark(opened.page, `thorax-${what}`)
  await picture(opened.page, shot)
  assert.equal(opened.faults.length, 0, opened.faults.join('\n'))
  await fresh.close()
  return seen
}

test('an empty list says what to do', async () => {
  await page.getByText('No studies yet').waitFor()
  await picture(page, '01-empty')
  assert.deepEqual(await accessibilityFaults(page), [])
})

test('the first view is small', async () => {
  const asked = await page.evaluate(() => [location.href.replace(/#.*/, ''), ...performance.getEntriesByType('resource').map((one) => one.name)])
  const parts = asked.filter((url) => !url.includes('/api/'))
  let bytes = 0
  for (const url of parts) bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length
  measured.first_view_gzip_bytes = bytes
  assert.ok(parts.length >= 3, parts.join(' '))
  assert.ok(bytes < 300 * 1024, `${bytes} bytes: ${parts.join(' ')}`)
})

test('a study is sent, read before the eyes, and found sick', { timeout: patience }, async () => {
  await page.setInputFiles('#files', ct.path)
  await page.locator('tbody tr progress').waitFor()
  await picture(page, '02-reading')
  const row = await endedRow(page, ct.name)
  assert.match(await row.innerText(), /● pathology [01]\.\d\d/)
  await picture(page, '03-list')
})

test('a study that cannot be read says why and can be tried again', { timeout: patience }, async () => {
  await page.setInputFiles('#files', { name: 'broken.zip', mimeType: 'application/zip', buffer: Buffer.from('no archive') })
  const row = await endedRow(page, 'broken.zip')
  const { job } = await studyOf('broken')
  assert.match(await row.innerText(), /✕ refused/)
  assert.match(await row.innerText(), new RegExp(job.failure.code))
  assert.equal(await row.getByRole('button', { name: 'Retry' }).count(), 1)
  await row.getByRole('link', { name: 'broken.zip' }).click()
  await page.getByText(job.failure.what.en).first().waitFor()
  await picture(page, '04-failed')
  await page.getByRole('link', { name: '‹ list' }).click()
})

test('a study opens at its most dangerous finding, the first slice ahead of the rest', { timeout: patience }, async () => {
  await page.locator('tbody tr', { hasText: ct.name }).getByRole('link', { name: 'Open' }).click()
  await mark(page, 'thorax-first-slice')
  await mark(page, 'thorax-volume')
  for (const plane of ['axial', 'coronal', 'sagittal']) assert.ok((await pixels(page, plane)).mean > 3, plane)
  const { id } = await studyOf(ct.name)
  const result = await (await fetch(`${service.address}/api/v1/studies/${id}/results/1`)).json()
  const [worst] = result.findings.filter((one) => one.positive).sort((a, b) => a.severity_rank - b.severity_rank)
  const lesion = result.lesions.find((one) => one.finding === worst.id && one.suspicious)
  assert.equal(await slice(), (lesion?.place ?? worst.places[0]).voxel_zyx[0] + 1)
})

test('the 3-D view draws', { timeout: patience }, async () => {
  await mark(page, 'thorax-solid')
  await picture(page, '05-study')
})

test('a click on a finding takes all planes to its place', async () => {
  for (let i = 0; i < 3; ++i) await page.keyboard.press('PageDown')
  await page.keyboard.press('0')
  const away = await slice()
  await page.locator('.finding .show').first().click()
  await page.waitForFunction((from) => Number(document.querySelector('.strip input').value) !== from, away)
  await picture(page, '06-jump')
})

test('windows, marks, wheel and ruler do what they say', async () => {
  for (const [key, words] of [['2', '40 / 400'], ['3', '400 / 1800'], ['1', '-600 / 1500']]) {
    await page.keyboard.press(key)
    await page.getByText(words, { exact: true }).waitFor()
  }
  const lit = await pixels(page, 'axial')
  await page.keyboard.press('o')
  await page.locator('#viewer-overlays[aria-pressed=false]').waitFor()
  await until(() => pixels(page, 'axial'), (dark) => dark.hash !== lit.hash)
  await page.keyboard.press('o')
  const at = await slice()
  const box = await page.locator('.pane.axial canvas').boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.wheel(0, -60)
  await page.waitForFunction((from) => Number(document.querySelector('.strip input').value) > from, at)
  await page.keyboard.press('m')
  await page.mouse.move(box.x + 150, box.y + 200)
  await page.mouse.down()
  await page.mouse.move(box.x + 250, box.y + 200, { steps: 4 })
  await page.mouse.up()
  await page.locator('.viewer-state', { hasText: /distance \d+\.\d mm/ }).waitFor()
  await picture(page, '07-measure')
  await page.keyboard.press('m')
})

test('every tab says what it should', async () => {
  const tabs = { series: 'read', warnings: '', downloads: 'volume.nii.gz', provenance: 'SHA-256', measurements: 'Normal' }
  for (const [tab, words] of Object.entries(tabs)) {
    await page.locator(`#tab-${tab}`).click()
    await page.locator(`.tab-${tab}`, { hasText: words }).waitFor()
  }
  await picture(page, '08-measurements', { fullPage: true })
})

test('the page speaks Russian at a click, and the viewer stays where it was', async () => {
  const at = await slice()
  await page.getByRole('button', { name: 'RU' }).click()
  await page.getByText('Измерения').first().waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru')
  assert.equal(await slice(), at)
  await picture(page, '09-russian')
  await page.getByRole('button', { name: 'EN' }).click()
})

test('an opinion of the answer and of a finding is kept and exported', async () => {
  const verdict = page.locator('.answer > .feedback')
  await verdict.getByRole('button', { name: 'agree', exact: true }).click()
  await verdict.getByText('kept').waitFor()
  const finding = page.locator('.finding.positive').first().locator('.feedback')
  await finding.getByRole('button', { name: 'disagree' }).click()
  await finding.getByText('kept').waitFor()
  await finding.getByLabel('Note').fill('a vessel <b>')
  const keeping = page.waitForResponse((answer) => answer.url().endsWith('/feedback') && answer.request().method() === 'POST')
  await finding.getByLabel('Note').press('Enter')
  await keeping
  await page.reload()
  await page.locator('.answer > .feedback [aria-pressed=true]', { hasText: 'agree' }).waitFor()
  assert.equal(await finding.getByLabel('Note').inputValue(), 'a vessel <b>')
  await picture(page, '17-feedback')
  const table = await (await fetch(`${service.address}/api/v1/feedback?format=csv`)).text()
  assert.match(table, /^verdict,present,/m)
  assert.match(table, /,absent,.*a vessel <b>$/m)
})

test('chosen studies become one table, and filters find them again', async () => {
  await page.goto(`${service.address}/#/`)
  await page.getByLabel('Choose phantom-chest.zip').check()
  await page.getByLabel('Choose broken.zip').check()
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.selection').getByRole('link', { name: 'XLSX' }).click()])
  assert.ok(statSync(await download.path()).size > 3000)
  await page.locator('#chip-verdict-pathology').click()
  await page.locator('tbody tr', { hasText: 'broken.zip' }).waitFor({ state: 'detached' })
  assert.equal(await page.locator('tbody tr').count(), 1)
  await page.locator('#chip-state-failed').click()
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('button', { name: 'Clear the search' }).click()
  await page.locator('#chip-day-today').click()
  await page.locator('#chip-day-today[aria-pressed=true]').waitFor()
  await page.locator('#day').fill('2001-02-03')
  await page.getByText('Nothing matches').waitFor()
  await page.getByRole('button', { name: 'Clear the search' }).click()
  await page.locator('#sort-name').click()
  await page.locator('tbody tr').nth(1).waitFor()
  assert.match(await page.locator('tbody tr').first().innerText(), /broken/)
  await picture(page, '14-chosen')
})

test('a folder is sent as one archive', { timeout: patience }, async () => {
  const folder = join(service.folder, 'a study')
  mkdirSync(folder)
  writeFileSync(join(folder, 'снимок.txt'), 'no picture')
  await page.setInputFiles('#folder', folder)
  await endedRow(page, 'a study.zip')
  const { id } = await studyOf('a study')
  const archive = join(service.folder, 'study.zip')
  writeFileSync(archive, Buffer.from(await (await fetch(`${service.address}/api/v1/studies/${id}/file`)).arrayBuffer()))
  const listed = execFileSync('python3', ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())', archive], { encoding: 'utf8', env: { ...process.env, PYTHONUTF8: '1' } })
  assert.equal(listed.trim(), "None ['a study/снимок.txt']")
})

test('models and system have their pages', async () => {
  await page.goto(`${service.address}/#/models`)
  await page.getByRole('heading', { name: 'xray-pneumonia' }).waitFor()
  await page.locator('summary').first().click()
  assert.deepEqual(await accessibilityFaults(page), [])
  await picture(page, '15-models')
  await page.goto(`${service.address}/#/system`)
  await page.locator('.tile').first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await picture(page, '16-system')
})

test('list, study and help are accessible, dark and light', { timeout: patience }, async () => {
  const places = { list: [`${service.address}/#/`, 'tbody tr'], study: [await addressOf(ct.name), '.verdict-box'] }
  for (const theme of ['dark', 'light']) {
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
    for (const [name, [address, sign]] of Object.entries(places)) {
      await page.goto(address)
      await page.locator(sign).first().waitFor()
      assert.deepEqual(await accessibilityFaults(page), [], `${name}, ${theme}`)
      await picture(page, `10-${name}-${theme}`)
    }
    await page.keyboard.press('?')
    await page.locator('dialog[open]').waitFor()
    assert.deepEqual(await accessibilityFaults(page), [], `help, ${theme}`)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Light or dark' }).click()
  }
})

test('it prints on A4', async () => {
  const file = join(pictures, 'study.pdf')
  await page.pdf({ path: file, format: 'A4' })
  assert.ok(statSync(file).size > 10_000)
})

test('two fingers zoom and move a plane, and do not move the others', { timeout: patience }, async () => {
  const touch = await openPage(browser, service.address, { hasTouch: true })
  await touch.page.goto(await addressOf(ct.name))
  await mark(touch.page, 'thorax-volume')
  const box = await touch.page.locator('.pane.axial canvas').boundingBox()
  const session = await touch.page.context().newCDPSession(touch.page)
  const fingers = (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x: box.x + x, y: box.y + y, id })) })
  const before = { axial: await pixels(touch.page, 'axial'), coronal: await pixels(touch.page, 'coronal') }
  await fingers('touchStart', [200, 200])
  await fingers('touchStart', [200, 200], [260, 200])
  for (let i = 1; i <= 8; ++i) await fingers('touchMove', [200 - 5 * i, 200], [260 + 5 * i, 200 + 3 * i])
  await fingers('touchEnd')
  await until(() => pixels(touch.page, 'axial'), (pinched) => pinched.hash !== before.axial.hash)
  await picture(touch.page, '18-pinched')
  assert.equal((await pixels(touch.page, 'coronal')).hash, before.coronal.hash)
  assert.equal(touch.faults.length, 0, touch.faults.join('\n'))
  await touch.page.context().close()
})

test('a prior study of the same patient is offered first', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/`)
  await page.setInputFiles('#files', { name: 'again.zip', mimeType: 'application/zip', buffer: readFileSync(ct.path) })
  await endedRow(page, 'again.zip')
  await page.goto(await addressOf(ct.name))
  await page.locator('#tab-prior').click()
  const first = page.locator('#prior optgroup').first()
  await first.waitFor({ state: 'attached' })
  assert.equal(await first.getAttribute('label'), 'Same patient')
  assert.match(await first.locator('option').first().textContent(), /again/)
  await page.locator('#prior').selectOption({ index: 1 })
  await page.locator('.tab-prior table').waitFor()
  await picture(page, '19-prior', { fullPage: true })
})

test('a tablet has room for it', { timeout: patience }, async () => {
  await page.setViewportSize({ width: 820, height: 1180 })
  await page.goto(await addressOf(ct.name))
  await mark(page, 'thorax-volume')
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways')
  await picture(page, '11-tablet')
})

test('nothing went wrong on the way, and nobody outside was asked', () => {
  assert.equal(faults.length, 0, faults.join('\n'))
})

test('without WebGL the planes are there and the page says what is not', { timeout: patience }, async () => {
  const plain = await startBrowser(['--disable-gpu', '--disable-3d-apis'])
  const opened = await openPage(plain, service.address)
  await opened.page.goto(await addressOf(ct.name))
  await opened.page.getByText('draws no 3-D').waitFor()
  assert.ok((await pixels(opened.page, 'axial')).mean > 3)
  await plain.close()
})

test('a first slice comes ahead of the volume', { timeout: patience }, async () => {
  measured.phantom = await times(ct.name, '12-fresh')
})

test('a real study is read and opened', { timeout: 2 * patience, skip: existsSync(lidc) ? false : 'the shared data is not there' }, async () => {
  await page.goto(`${service.address}/#/`)
  await page.setInputFiles('#files', lidc)
  await endedRow(page, 'LIDC-IDRI-0001.zip')
  measured.lidc = await times('LIDC', '13-real')
})
