// The bundle's one export is the component. Its style goes in with it, into the layer above NiceGUI's own rules and
// below the utilities, so that `.classes()` given in Python still win.
import flowStyle from '@vue-flow/core/dist/style.css?inline'
import base from './style/base.css?inline'
import card from './style/card.css?inline'
import wire from './style/wire.css?inline'
import panels from './style/panels.css?inline'
import narrow from './style/narrow.css?inline'
import JourneyCanvas from './JourneyCanvas.vue'

const ID = 'journey-canvas-style'
if (!document.getElementById(ID)) {
  const style = document.createElement('style')
  style.id = ID
  style.textContent = `@layer components {\n${[flowStyle, base, card, wire, panels, narrow].join('\n')}\n}`
  document.head.append(style)
}

export default JourneyCanvas
