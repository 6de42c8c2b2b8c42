// A network that is slow and not in order: answers that come late, and answers of what lies between
// the page and the service.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { endedRow, mark, openPage, patience, picture, root, startBrowser, startService } from './support.mjs'

const list = /\/api\/v1\/studies\?(?!name=)/
const noStudy = (name) => ({ name, mimeType: 'application/zip', buffer: Buffer.from('no archive') })
const ct = join(root, 'samples/phantom-chest.zip')
let service, browser, page, faults

before(async () => {
  service = await startService()
  browser = await startBrowser()
  ;({ page, faults } = await openPage(browser, service.address))
  await page.getByText('No studies yet').waitFor()
}, { timeout: patience })

after(async () => {
  await browser?.close()
  await service?.stop()
})

/** Keeps the next answer to such a request until it is let go; `change` makes it another one. */
async function holdNext(url, change = (body) => body) {
  let release, asked, answered
  const go = new Promise((resolve) => { release = resolve })
  const waiting = new Promise((resolve) => { asked = resolve })
  const done = new Promise((resolve) => { answered = resolve })
  await page.route(url, async (route) => {
    const answer = await route.fetch()
    const json = change(await answer.json())
    asked()
    await go
    await route.fulfill({ response: answer, json })
    answered()
  }, { times: 1 })
  return { waiting, letGo: () => { release(); return done } }
}

const studiesNow = async () => (await (await fetch(`${service.address}/api/v1/studies`)).json()).studies
/** A round trip and a frame, so that what was on its way is there. */
const settled = () => page.evaluate(async () => {
  await (await fetch('/api/v1/status')).json()
  await new Promise(requestAnimationFrame)
})

test('a list from before the end of a job does not undo its end', { timeout: patience }, async () => {
  const held = await holdNext(list, (body) => {
    for (const one of body.studies) Object.assign(one.job, { state: 'running', stage: 'read', percent: 10, failure: null, finished_at: null })
    return body
  })
  await page.setInputFiles('#files', noStudy('late.zip'))
  await held.waiting
  for (let ended = false; !ended;) ended = (await studiesNow())[0].job.state === 'failed'
  await settled()
  await held.letGo()
  assert.match(await (await endedRow(page, 'late.zip')).innerText(), /refused/)
  await settled()
  assert.equal(await page.locator('tbody progress').count(), 0)
})

test('the answer to an older filter does not replace that to a newer one', { timeout: patience }, async () => {
  const held = await holdNext(list)
  await page.locator('#chip-verdict-pathology').click()
  await held.waiting
  await page.locator('#chip-verdict-pathology').click()
  await settled()
  await held.letGo()
  await settled()
  assert.equal(await page.getByText('Nothing matches').count(), 0)
  assert.equal(await page.locator('tbody tr', { hasText: 'late.zip' }).count(), 1)
})

test('a refusal by a proxy is said beside the name of its file, until the next one is sent', { timeout: patience }, async () => {
  await page.route(/\/api\/v1\/studies\?name=/, (route) => route.fulfill({ status: 413, contentType: 'text/html', body: '<h1>too large</h1>' }), { times: 1 })
  await page.setInputFiles('#files', noStudy('large.zip'))
  const said = page.locator('.uploads .message')
  await said.waitFor()
  assert.match(await said.innerText(), /large\.zip: 413/)
  // News of others do not take it away.
  await fetch(`${service.address}/api/v1/studies?name=other.zip`, { method: 'POST', body: 'no archive' })
  await endedRow(page, 'other.zip')
  assert.equal(await said.count(), 1)
  await picture(page, '30-refused-upload')
  await page.setInputFiles('#files', noStudy('small.zip'))
  await endedRow(page, 'small.zip')
  assert.equal(await said.count(), 0)
})

/** Drops a folder whose reader gives `files` names, or fails. */
function dropFolder(name, files, broken) {
  return page.evaluate(([name, files, broken]) => {
    const one = (i) => ({ isFile: true, fullPath: `/${name}/${i}`, file: (done) => done(new File(['x'], `${i}`)) })
    let rest = [Array.from({ length: files }, (_, i) => one(i))]
    const reader = {
      readEntries: (done, failed) => (broken ? failed(new DOMException('gone', 'NotFoundError')) : done(rest.pop() ?? [])),
    }
    const folder = { isDirectory: true, name, fullPath: `/${name}`, createReader: () => reader }
    const dropped = new Event('drop', { bubbles: true, cancelable: true })
    Object.defineProperty(dropped, 'dataTransfer', { value: { items: [{ webkitGetAsEntry: () => folder, getAsFile: () => null }] } })
    document.querySelector('section.drop').dispatchEvent(dropped)
  }, [name, files, broken])
}

test('a folder that cannot be sent says why', { timeout: patience }, async () => {
  const said = page.locator('.uploads .message')
  await dropFolder('many', 65536, false)
  await said.waitFor()
  assert.match(await said.innerText(), /many\.zip: The folder is too large/)
  await dropFolder('moved', 1, true)
  await page.getByText('moved.zip: The browser could not read it').waitFor()
  assert.equal(await said.count(), 1)
})

test('what is written for an import stays in focus when the models come', { timeout: patience }, async () => {
  const held = await holdNext(/\/api\/v1\/models$/)
  await page.goto(`${service.address}/#/models`)
  await held.waiting
  await page.locator('#import-licence').pressSequentially('MI')
  await held.letGo()
  await page.locator('article.model').first().waitFor()
  await page.keyboard.type('T')
  assert.equal(await page.locator('#import-licence').inputValue(), 'MIT')
})

test('whoever leaves a study while its 3-D view is made is not told of it', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/`)
  await page.setInputFiles('#files', ct)
  await endedRow(page, 'phantom-chest.zip')
  const { id } = (await studiesNow()).find((one) => one.name === 'phantom-chest.zip')
  for (let i = 0; i < 5; ++i) {
    await page.goto(`${service.address}/#/study/${id}`)
    await page.locator('.pane.solid canvas').waitFor()
    await page.goto(`${service.address}/#/`)
    await page.locator('tbody tr').first().waitFor()
  }
  await page.goto(`${service.address}/#/study/${id}`)
  await mark(page, 'thorax-solid')
})

test('nothing went wrong on the way', () => assert.equal(faults.length, 0, faults.join('\n')))
