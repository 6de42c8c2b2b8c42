// Where studies come in: files dropped or chosen, sent one after another.
import { upload } from './api'
import { element } from './element'
import { say } from './words'

export class Drop {
  readonly element = element('section', { class: 'drop' })
  readonly uploads = element('ul', { class: 'uploads' })

  constructor(private readonly complain: (error: unknown) => void) {
    const over = (on: boolean) => (event: DragEvent) => {
      event.preventDefault()
      this.element.classList.toggle('over', on)
    }
    this.element.ondragover = over(true)
    this.element.ondragleave = over(false)
    this.element.ondrop = (event) => {
      over(false)(event)
      void this.send([...(event.dataTransfer?.files ?? [])])
    }
    this.relabel()
  }

  relabel(): void {
    const input = element('input', {
      type: 'file', multiple: '', hidden: '', id: 'files',
      onchange: () => { void this.send([...(input.files ?? [])]).then(() => (input.value = '')) },
    })
    this.element.setAttribute('aria-label', say('drop'))
    this.element.replaceChildren(element('span', {}, say('drop')), element('button', { onclick: () => input.click() }, say('choose')), input)
  }

  private async send(files: File[]): Promise<void> {
    for (const file of files) {
      const bar = element('progress', { max: '1', value: '0', 'aria-label': say('sending') })
      const line = element('li', {}, bar, file.name)
      this.uploads.append(line)
      try {
        await upload(file, (share) => (bar.value = share))
      } catch (error) {
        this.complain(error)
      }
      line.remove()
    }
  }
}
