// Elements without markup: what strangers wrote (names of files, of findings) stays text.

type Attributes = Record<string, string | ((event: never) => unknown)>

/** Functions become handlers ("onclick"), everything else attributes. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'string') made.setAttribute(name, value)
    else made.addEventListener(name.slice(2), value as unknown as EventListener)
  made.append(...children)
  return made
}
