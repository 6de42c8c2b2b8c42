// The 3-D view: NiiVue over a thinned-out copy of the volume. Loaded on its own, after the planes.
import { Niivue, NVImage, SLICE_TYPE } from '@niivue/niivue'
import { element } from '../element'
import { say } from '../words'
import { densities, labelled, thinned } from './nifti'
import type { Block } from './nifti'
import type { Volume, Zyx } from './volume'

const longestSide = 176

export function canDraw(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null
}

export class Solid {
  private readonly niivue = new Niivue({
    sliceType: SLICE_TYPE.RENDER, backColor: [0, 0, 0, 1], show3Dcrosshair: true, isOrientCube: false,
    crosshairWidth: 1, crosshairColor: [0.42, 0.76, 0.9, 0.6], dragAndDropEnabled: false, logLevel: 'error',
    isOrientationTextVisible: false, loadingText: '',
  })
  private readonly block: Block
  private readonly canvas = element('canvas', { 'aria-label': say('solid'), role: 'img' })
  private ready: Promise<void> | null = null
  private placing = false
  private left = false

  constructor(place: HTMLElement, private readonly volume: Volume, private readonly labels: Uint8Array | null,
    go: (voxel: Zyx) => void) {
    place.replaceChildren(this.canvas, element('span', { class: 'tag' }, say('solid')))
    this.block = thinned(volume.info.shape_zyx, longestSide)
    this.niivue.onLocationChange = (location) => {
      const mm = (location as { mm: Float32Array }).mm
      if (!this.placing) go(this.voxel(mm))
    }
  }

  leave(): void {
    this.left = true
    this.niivue.gl?.getExtension('WEBGL_lose_context')?.loseContext()
  }

  /** Whoever leaves takes the context away, and what is on its way may fail for want of it. */
  private async load(): Promise<void> {
    try {
      await this.fill()
    } catch (error) {
      if (!this.left) throw error
    }
  }

  private async fill(): Promise<void> {
    await this.niivue.attachToCanvas(this.canvas)
    const image = (buffer: ArrayBuffer, name: string) => NVImage.loadFromUrl({ url: name, buffer, name })
    const body = await image(densities(this.volume.info, this.volume.voxels, this.block), 'volume.nii')
    body.colormap = 'ct_bones'
    body.cal_min = 130
    body.cal_max = 800
    this.niivue.addVolume(body)
    if (this.labels)
      this.niivue.addVolume(await image(labelled(this.volume.info, this.labels, this.block), 'findings.nii'))
    this.niivue.setRenderAzimuthElevation(160, 10)
    this.niivue.setScale(1.5)
  }

  /** Colours of the labels: 0xRRGGBB, or -1 where one is not lit. */
  async show(colours: Int32Array): Promise<void> {
    this.ready ??= this.load()
    await this.ready
    const findings = this.niivue.volumes[1]
    if (this.left || !findings) return
    const channel = (shift: number) => [...colours].map((colour) => (colour < 0 ? 0 : (colour >> shift) & 255))
    findings.setColormapLabel({
      R: channel(16), G: channel(8), B: channel(0), A: [...colours].map((colour) => (colour < 0 ? 0 : 255)),
      I: [...colours.keys()], labels: [...colours.keys()].map(String),
    })
    this.niivue.updateGLVolume()
  }

  /** LPS millimetres are RAS ones with x and y turned round. */
  private mm([z, y, x]: Zyx): [number, number, number] {
    const { origin_mm_xyz: o, spacing_mm_zyx: s } = this.volume.info
    return [-(o[0] + x * s[2]), -(o[1] + y * s[1]), o[2] + z * s[0]]
  }
  private voxel(mm: ArrayLike<number>): Zyx {
    const { origin_mm_xyz: o, spacing_mm_zyx: s } = this.volume.info
    return [(mm[2]! - o[2]) / s[0], (-mm[1]! - o[1]) / s[1], (-mm[0]! - o[0]) / s[2]].map(Math.round) as unknown as Zyx
  }

  place(voxel: Zyx): void {
    if (this.left || this.niivue.volumes.length === 0) return
    this.placing = true
    this.niivue.scene.crosshairPos = this.niivue.mm2frac(this.mm(voxel))
    this.niivue.drawScene()
    this.placing = false
  }
}
