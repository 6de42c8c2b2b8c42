// Where studies come in: files and folders, dropped or chosen, sent one after another.
import { upload } from './api'
import { element } from './element'
import { message } from './message'
import { say } from './words'
import { filesOf, zip } from './zip'
import type { Entry } from './zip'

export class Drop {
  readonly element = element('section', { class: 'drop' })
  readonly uploads = element('ul', { class: 'uploads', 'aria-live': 'polite' })

  constructor() {
    const over = (on: boolean) => (event: DragEvent) => {
      event.preventDefault()
      this.element.classList.toggle('over', on)
    }
    this.element.ondragover = over(true)
    this.element.ondragleave = over(false)
    this.element.ondrop = (event) => {
      over(false)(event)
      // The list of what was dropped is empty as soon as this handler returns.
      const dropped = [...(event.dataTransfer?.items ?? [])].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
      void this.takeDropped(dropped)
    }
    this.relabel()
  }

  relabel(): void {
    const files: HTMLInputElement = element('input', {
      type: 'file', multiple: '', hidden: '', id: 'files',
      onchange: () => { void this.take([...(files.files ?? [])], files) },
    })
    const folder: HTMLInputElement = element('input', {
      type: 'file', webkitdirectory: '', hidden: '', id: 'folder',
      onchange: () => { void this.takeFolder([...(folder.files ?? [])], folder) },
    })
    this.element.setAttribute('aria-label', say('drop'))
    this.element.replaceChildren(element('span', {}, say('drop')), element('span', { class: 'gap' }),
      element('button', { onclick: () => files.click() }, say('choose')),
      element('button', { onclick: () => folder.click() }, say('chooseFolder')), files, folder)
  }

  /** What failed before is known by now. */
  private forget(): void {
    for (const line of this.uploads.querySelectorAll('.failed-upload')) line.remove()
  }

  private async take(files: File[], from: HTMLInputElement): Promise<void> {
    this.forget()
    for (const file of files) await this.send(file.name, async () => file)
    from.value = ''
  }

  private async takeFolder(files: File[], from: HTMLInputElement): Promise<void> {
    this.forget()
    const entries = files.map((file) => ({ path: file.webkitRelativePath, file }))
    if (entries.length > 0) await this.sendFolder(entries[0]!.path.split('/')[0]!, async () => entries)
    from.value = ''
  }

  private async takeDropped(dropped: { entry: FileSystemEntry | null; file: File | null }[]): Promise<void> {
    this.forget()
    for (const { entry, file } of dropped)
      if (entry?.isDirectory) await this.sendFolder(entry.name, () => filesOf(entry))
      else if (file) await this.send(file.name, async () => file)
  }

  private sendFolder(name: string, entries: () => Promise<Entry[]>): Promise<void> {
    return this.send(`${name}.zip`, async () => zip(`${name}.zip`, await entries()))
  }

  private async send(name: string, make: () => Promise<File>): Promise<void> {
    const bar = element('progress', { max: '1', 'aria-label': say('sending') })
    const line = element('li', {}, bar, name)
    this.uploads.append(line)
    try {
      await upload(await make(), (share) => (bar.value = share))
      line.remove()
    } catch (error) {
      line.replaceChildren(message(error, name))
      line.classList.add('failed-upload')
    }
  }
}
