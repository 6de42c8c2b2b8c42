// Signing in, what a role may do, a radiograph with its heat map, and the map of embeddings.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { accessibilityFaults, endedRow, mark, newFolder, openPage, patience, picture, root, startBrowser, startServiceIn, thorax, until } from './support.mjs'

const password = 'correct horse battery'
const shared = process.env.THORAX_SHARED_DATA ?? join(root, '../shared/data')
const films = join(shared, 'xray/kermany_fullres_20.zip')
let service, browser, page, faults, film

const real = existsSync(films)

/** A real radiograph when there is one, else the phantom's, which the model does not know: its
 *  answer does not count, and there is no heat map. */
function radiograph(folder) {
  const path = join(folder, 'film.jpeg')
  if (real) {
    const first = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); open(sys.argv[2], "wb").write(z.read("PNEUMONIA/person1430_bacteria_3695.jpeg"))'
    execFileSync('python3', ['-c', first, films, path])
    return path
  }
  thorax(['phantom', join(folder, 'film.zip'), '--xray', '--size', '256', '--spacing', '4', '--no-truth'])
  return join(folder, 'film-xray.dcm')
}

before(async () => {
  const folder = newFolder()
  const data = join(folder, 'data')
  for (const [name, role] of [['anna', 'admin'], ['ben', 'viewer']])
    thorax(['user', 'add', name, '--role', role, '--data', data, '--password-fd', '0'], password)
  film = radiograph(folder)
  mkdirSync(join(folder, 'models'))
  service = await startServiceIn(folder, `models.folder=${join(folder, 'models')}`)
  browser = await startBrowser()
  ;({ page, faults } = await openPage(browser, service.address))
}, { timeout: patience })

after(async () => {
  await browser?.close()
  await service?.stop()
})

async function signIn(user, word = password) {
  await page.locator('#signin-user').fill(user)
  await page.locator('#signin-password').fill(word)
  await page.locator('.signin .primary').click()
}
const signOut = async () => {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('.signin').waitFor()
}

test('nothing is shown before the sign-in, and a wrong password is said so', async () => {
  await page.locator('.signin').waitFor()
  assert.equal(await page.locator('.drop').count(), 0)
  await signIn('anna', 'wrong password')
  await page.locator('.signin [role=alert]', { hasText: /./ }).waitFor()
  await picture(page, '20-signin')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'RU' }).click()
  await page.getByRole('button', { name: 'Войти' }).waitFor()
  await page.getByRole('button', { name: 'EN' }).click()
  await signIn('anna')
  await page.locator('.drop').waitFor()
})

test('a radiograph is read, shown with its heat map, and enlarged', { timeout: patience }, async (context) => {
  await page.setInputFiles('#files', film)
  const row = await endedRow(page, 'film')
  await row.locator('.done').waitFor()
  await picture(page, '21-list')
  await row.getByRole('link', { name: 'Open' }).click()
  await mark(page, 'thorax-first-slice')
  await picture(page, '22-xray')
  const layers = page.locator('.stage img')
  await layers.nth(real ? 1 : 0).waitFor({ state: 'attached' })
  assert.equal(await layers.count(), real ? 2 : 1)
  if (real) {
    const shown = () => layers.nth(1).evaluate((image) => image.style.opacity)
    assert.equal(await shown(), '0.8')
    await page.keyboard.press('o')
    await until(shown, (opacity) => opacity === '0')
    await page.keyboard.press('o')
  } else {
    context.diagnostic('without a real radiograph there is no heat map to look at')
  }
  const width = () => page.locator('.stage img').first().evaluate((image) => Math.round(image.getBoundingClientRect().height))
  const before = await width()
  await page.keyboard.press('+')
  await until(width, (now) => Math.abs(now / before - 1.25) < 0.02)
  const film1 = page.locator('.film')
  const at = () => film1.evaluate((one) => one.scrollTop)
  const top = await at()
  const box = await film1.boundingBox()
  await page.mouse.move(box.x + 200, box.y + 300)
  await page.mouse.down()
  await page.mouse.move(box.x + 200, box.y + 250, { steps: 3 })
  await page.mouse.up()
  await until(at, (now) => Math.abs(now - top - 50) <= 2)
  await page.keyboard.press('0')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'RU' }).click()
  await picture(page, '23-xray-russian')
  await page.getByRole('button', { name: 'EN' }).click()
})

test('a reader sees neither names nor what changes anything', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/`)
  await signOut()
  await signIn('ben')
  const row = page.locator('tbody tr')
  await row.getByText(/study-/).waitFor()
  assert.equal(await page.locator('.drop').count(), 0)
  assert.doesNotMatch(await row.innerText(), /film/)
  assert.equal(await row.getByRole('button', { name: 'Delete' }).count(), 0)
  await row.getByRole('link', { name: 'Open' }).click()
  await page.locator('.verdict-box').waitFor()
  await page.waitForFunction(() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/feedback')))
  assert.equal(await page.locator('.feedback button').count(), 0)
  await page.goto(`${service.address}/#/models`)
  await page.locator('.model').first().waitFor()
  assert.equal(await page.locator('.import').count(), 0)
  await signOut()
  await signIn('anna')
  await page.locator('.drop, .model').first().waitFor()
})

test('an administrator adds a user, changes the role and the password, and removes the user', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/system`)
  const users = page.locator('.users')
  const add = async (name, word) => {
    await users.locator('form input[type=text]').fill(name)
    await users.locator('form input[type=password]').fill(word)
    await users.getByRole('button', { name: 'Add' }).click()
  }
  await add('carl', password)
  const carl = users.locator('tbody tr', { hasText: 'carl' })
  await carl.waitFor()
  await add('carl', password)
  await users.locator('[role=alert]', { hasText: /./ }).waitFor()
  await carl.locator('select').selectOption('operator')
  await page.waitForFunction(() => {
    const row = [...document.querySelectorAll('.users tbody tr')].find((one) => one.textContent.includes('carl'))
    return row?.querySelector('select').value === 'operator' && row.querySelector('input[type=checkbox]').disabled
  })
  const next = 'another horse battery'
  await carl.getByRole('button', { name: 'New password' }).click()
  await page.locator('#password-next').fill(next)
  await page.locator('#password-again').fill(password)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('dialog [role=alert]', { hasText: /./ }).waitFor()
  await page.locator('#password-again').fill(next)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.deepEqual(await accessibilityFaults(page), [])
  await picture(page, '29-users', { fullPage: true })
  await signOut()
  await signIn('carl', next)
  await page.goto(`${service.address}/#/`)
  await page.locator('.drop').waitFor()
  await page.goto(`${service.address}/#/system`)
  await page.locator('h2, h3').first().waitFor()
  assert.equal(await users.count(), 0)
  await signOut()
  await signIn('anna')
  await page.goto(`${service.address}/#/system`)
  page.once('dialog', (dialog) => void dialog.accept())
  await page.getByRole('button', { name: 'Delete carl' }).click()
  await carl.waitFor({ state: 'detached' })
})

test('a model comes in with its licence, says what is wrong with it, and goes', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/models`)
  const form = page.locator('.import')
  await form.locator('#import-file').setInputFiles({ name: 'No Model.pt', mimeType: 'application/octet-stream', buffer: Buffer.from('no weights') })
  assert.equal(await form.locator('#import-name').inputValue(), 'no-model')
  await form.locator('#import-licence').fill('MIT')
  await form.getByRole('button', { name: 'Import' }).click()
  await form.locator('[role=alert]', { hasText: 'BAD_WEIGHTS' }).waitFor()
  await picture(page, '24-import-refused', { fullPage: true })
  const folder = join(root, 'models/xray-pneumonia')
  const archive = join(service.folder, 'mine.zip')
  execFileSync('python3', ['-c', 'import sys, shutil; shutil.make_archive(sys.argv[1][:-4], "zip", sys.argv[2])', archive, folder])
  await form.locator('#import-file').setInputFiles(archive)
  await form.locator('#import-name').fill('mine')
  await form.getByRole('button', { name: 'Import' }).click()
  await page.getByText('Imported: mine').waitFor()
  const card = page.locator('article.model', { hasText: 'mine' })
  await card.first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await picture(page, '25-imported', { fullPage: true })
  page.once('dialog', (dialog) => void dialog.accept())
  await page.getByRole('button', { name: 'Delete mine' }).click()
  await page.getByRole('button', { name: 'Delete mine' }).waitFor({ state: 'detached' })
})

test('the map of embeddings shows what was read here and the cases of a file, and opens a study', { timeout: patience }, async () => {
  await page.goto(`${service.address}/#/map`)
  await page.getByText('1 ×').waitFor()
  await picture(page, '26-map-of-one')
  const others = ['a', 'b', 'c'].map((name) => {
    const path = join(service.folder, `${name}.zip`)
    thorax(['phantom', path, '--xray', '--size', '256', '--spacing', '8', '--no-truth', '--seed', String(name.charCodeAt(0))])
    return join(service.folder, `${name}-xray.png`)
  })
  thorax(['embed', film, ...others, '--model', 'xray-pneumonia', '--no-gate', '--out', join(service.folder, 'data/embeddings.safetensors')])
  await page.reload()
  await page.locator('.plot canvas').waitFor()
  await page.getByText('4 ×').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await picture(page, '27-map')
  // The arrows go from left to right; one of the cases is the study that was sent.
  await page.locator('.plot canvas').focus()
  for (let i = 0; i < 4; ++i) {
    await page.keyboard.press('ArrowRight')
    if (/film/.test(await page.locator('.map [role=status]').innerText())) break
  }
  await page.keyboard.press('Enter')
  await page.locator('.verdict-box').waitFor()
  assert.match(await page.locator('h2').innerText(), /film/)
  await page.locator('#tab-similar').click()
  await page.locator('.tab-similar tbody tr').nth(2).waitFor()
  await picture(page, '28-similar')
})

test('nothing went wrong on the way, and nobody outside was asked', () => {
  assert.equal(faults.length, 0, faults.join('\n'))
})
