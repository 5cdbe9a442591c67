/** Draws a chart as SVG, on the server. */
import { BarChart, LineChart, ScatterChart } from "echarts/charts"
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { Chart } from "./charts.ts"

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent])
use(SVGRenderer)

/** The text of the file. */
export const svgOf = ({ height, option, title }: Chart): string => {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 860, height })
  chart.setOption(option)
  const svg = chart.renderToSVGString()
  chart.dispose()
  // For those who cannot see it.
  return `${svg.replace(">", ` role="img"><title>${title}</title>`)}\n`
}
