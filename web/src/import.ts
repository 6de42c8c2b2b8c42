// A model comes in: a checkpoint or a zip, with whose licence it stands under.
import { sendFile } from './api'
import { element } from './element'
import { message } from './message'
import { say, sayStage } from './words'
import type { Word } from './words'

export class ModelImport {
  readonly element = element('section', { class: 'tile model import' })
  private readonly bar = element('progress', { max: '1', hidden: '' })
  private readonly said = element('p', { role: 'status', class: 'quiet' })
  private readonly problem = element('div', { role: 'alert' })
  private busy = false

  constructor(private readonly imported: () => void) {
    this.relabel()
  }

  relabel(): void {
    if (this.busy) return
    const field = (name: string, label: Word, hint: Word, more: Record<string, string> = {}) => {
      const input = element('input', { id: `import-${name}`, name, 'aria-describedby': `import-${name}-hint`, ...more })
      return { input, row: [element('label', { for: `import-${name}` }, say(label)), element('div', {}, input, element('small', { class: 'quiet', id: `import-${name}-hint` }, say(hint)))] }
    }
    const file = field('file', 'file', 'importFileHow', { type: 'file', required: '', accept: '.safetensors,.pt,.pth,.ckpt,.bin,.onnx,.zip' })
    const name = field('name', 'modelName', 'modelNameHow', { type: 'text', required: '', pattern: '[A-Za-z0-9_\\-][A-Za-z0-9_.\\-]*', maxlength: '64' })
    const licence = field('licence', 'licence', 'licenceHow', { type: 'text', required: '', maxlength: '200' })
    const labels = field('labels', 'labels', 'labelsHow', { type: 'text', maxlength: '4000' })
    const send = element('button', { type: 'submit', class: 'primary' }, say('import'))
    this.bar.setAttribute('aria-label', say('import'))
    file.input.addEventListener('change', () => {
      const chosen = file.input.files?.[0]
      if (chosen && name.input.value === '') name.input.value = chosen.name.replace(/\.[^.]*$/, '').replace(/[^A-Za-z0-9_.-]+/g, '-').toLowerCase()
    })
    const submit = (event: SubmitEvent) => {
      event.preventDefault()
      const chosen = file.input.files?.[0]
      if (!chosen || this.busy) return
      const query = new URLSearchParams({ name: name.input.value, file: chosen.name, licence: licence.input.value })
      for (const label of labels.input.value.split(',').map((one) => one.trim()).filter((one) => one !== '')) query.append('label', label)
      void this.send(chosen, query, send)
    }
    this.element.replaceChildren(element('h3', {}, say('importModel')), element('p', { class: 'quiet' }, say('importHow')),
      element('form', { onsubmit: submit }, ...file.row, ...name.row, ...licence.row, ...labels.row, element('span'), element('div', {}, send)), this.bar, this.said, this.problem)
  }

  /** How far the service is with it. */
  hear(stage: string, share: number): void {
    if (!this.busy) return
    this.bar.value = share
    this.said.textContent = `${sayStage(stage)} ${Math.floor(share * 100)} %`
  }

  private async send(file: File, query: URLSearchParams, button: HTMLButtonElement): Promise<void> {
    this.busy = button.disabled = true
    this.bar.hidden = false
    this.problem.replaceChildren()
    try {
      await sendFile(`/api/v1/models?${query}`, file, (share) => {
        this.bar.value = share
        this.said.textContent = `${say('sending')} ${Math.floor(share * 100)} %`
      })
      this.said.textContent = `${say('imported')}: ${query.get('name')}`
      this.imported()
    } catch (error) {
      this.said.textContent = ''
      this.problem.replaceChildren(message(error))
    }
    this.bar.hidden = true
    this.busy = button.disabled = false
  }
}
