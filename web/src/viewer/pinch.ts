// Two fingers on a picture: how they moved apart, and where to.

type Point = readonly [number, number]

export interface PinchHands {
  /** A second finger came: what the first one began ends. */
  begin(): void
  /** What lay at `from` lies at `to`, larger by the factor (both in CSS pixels of the window). */
  pinch(factor: number, from: Point, to: Point): void
}

export class Pinch {
  private readonly fingers = new Map<number, Point>()

  constructor(target: HTMLElement, private readonly hands: PinchHands) {
    target.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'touch') return
      this.fingers.set(event.pointerId, [event.clientX, event.clientY])
      if (this.active) hands.begin()
    })
    target.addEventListener('pointermove', (event) => this.follow(event))
    for (const type of ['pointerup', 'pointercancel'] as const)
      target.addEventListener(type, (event) => this.fingers.delete(event.pointerId))
  }

  get active(): boolean {
    return this.fingers.size > 1
  }

  private follow(event: PointerEvent): void {
    if (!this.fingers.has(event.pointerId)) return
    const [before, width] = this.measure()
    this.fingers.set(event.pointerId, [event.clientX, event.clientY])
    if (!this.active) return
    const [after, now] = this.measure()
    this.hands.pinch(width > 0 ? now / width : 1, before, after)
  }

  /** The middle of the first two fingers, and the distance between them. */
  private measure(): [Point, number] {
    const [a, b] = [...this.fingers.values()]
    if (!a || !b) return [[0, 0], 0]
    return [[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], Math.hypot(a[0] - b[0], a[1] - b[1])]
  }
}
