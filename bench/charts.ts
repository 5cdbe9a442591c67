/**
 * Charts as options of Apache ECharts: horizontal bars, and lines. White behind, so that they can be read in a dark page too; one
 * message each. The library itself is in `svg.ts`, out of the processes that are measured.
 */
import type { EChartsCoreOption } from "echarts/core"
import { ratioOf, type Series } from "./results.ts"
import type { Suite } from "./suite.ts"

export interface Chart {
  /** Of its file, without the ending. */
  readonly name: string
  readonly title: string
  readonly height: number
  readonly option: EChartsCoreOption
}

const ink = "#24292f"
const faint = "#d0d7de"
const ours = "#0969da"
const other = "#8c959f"
const wanted = "#bc4c00"
const text = { color: ink, fontFamily: "Helvetica, Arial, sans-serif" }

const frame = (title: string, axis: string) => ({
  animation: false,
  backgroundColor: "#ffffff",
  textStyle: text,
  title: {
    text: title,
    subtext: axis,
    left: 16,
    top: 10,
    textStyle: { ...text, fontSize: 16 },
    subtextStyle: { ...text, color: "#57606a", fontSize: 13 }
  }
})

export interface Bar {
  readonly label: string
  readonly value: number
  readonly goal?: number | undefined
  /** Drawn in the colour of ours. */
  readonly isOurs?: boolean
}

interface BarChartInput {
  readonly name: string
  readonly title: string
  /** What the length of a bar is, with its unit. */
  readonly axis: string
  readonly bars: ReadonlyArray<Bar>
  readonly show: (value: number) => string
  /** A line across all bars, and what it is. */
  readonly line?: { readonly at: number; readonly label: string }
}

/** How wide the longest label is: on a server there is nothing to measure it with. */
const roomFor = (bars: ReadonlyArray<Bar>): number => Math.max(...bars.map(({ label }) => label.length)) * 7

/** To the next number with two digits that is a step of the axis. */
const roundUp = (value: number): number => {
  const step = 10 ** Math.floor(Math.log10(value)) / 5
  return Number((Math.ceil(value / step) * step).toPrecision(6))
}

export const barChart = ({ axis, bars, line, name, show, title }: BarChartInput): Chart => {
  const goals = bars.flatMap(({ goal, label }) => (goal === undefined ? [] : [[goal, label]]))
  const markLine = {
    silent: true,
    symbol: "none",
    lineStyle: { color: ink, type: "dashed" },
    label: { formatter: line?.label ?? "", position: "start", ...text },
    data: line === undefined ? [] : [{ xAxis: line.at }]
  }
  const goalTick = {
    name: "goal",
    type: "scatter",
    symbol: "rect",
    symbolSize: [4, 24],
    itemStyle: { color: wanted },
    z: 5,
    data: goals
  }
  return {
    name,
    title,
    height: 134 + bars.length * 34,
    option: {
      ...frame(title, axis),
      legend:
        goals.length === 0
          ? { show: false }
          : { data: [{ name: "goal", icon: "rect" }], right: 24, top: 14, itemWidth: 5, textStyle: text },
      grid: { left: 36 + roomFor(bars), right: 70, top: 100, bottom: 34, outerBoundsMode: "none" },
      xAxis: {
        type: "value",
        min: 0,
        max: ({ max }: { readonly max: number }) => roundUp(Math.max(max, (line?.at ?? 0) * 1.02)),
        axisLabel: { ...text, formatter: show, showMaxLabel: false },
        splitLine: { lineStyle: { color: faint } }
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map(({ label }) => label),
        axisTick: { show: false },
        axisLabel: { ...text, fontSize: 13 }
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 20,
          data: bars.map(({ isOurs = true, value }) => ({
            value,
            itemStyle: { color: isOurs ? ours : other }
          })),
          label: {
            show: true,
            position: "right",
            ...text,
            formatter: ({ value }: { readonly value: number }) => show(value)
          },
          markLine
        },
        goalTick
      ]
    }
  }
}

const goalOf = (suites: ReadonlyArray<Suite>, series: Series): number | undefined =>
  suites.find(({ name }) => name === series.suite)?.cases.find(({ name }) => name === series.case)?.goal

/** The ratios of one contender to its limits, a bar for each case and size, with a line where the limit is. */
export const ratioChart = (
  name: string,
  title: string,
  axis: string,
  series: ReadonlyArray<Series>,
  { contender, goals = [] }: { readonly contender: string; readonly goals?: ReadonlyArray<Suite> }
): Chart => {
  const shown = series.filter((one) => one.contender === contender)
  return barChart({
    name,
    title,
    axis,
    show: (value) => value.toFixed(2),
    line: { at: 1, label: "limit" },
    bars: shown.map((one) => ({
      label: `${one.case}, ${one.suite}, ${one.size.toLocaleString("en")}`,
      value: ratioOf(one, series),
      goal: goalOf(goals, one)
    }))
  })
}

interface LineChartInput {
  readonly name: string
  readonly title: string
  readonly x: { readonly name: string; readonly labels: ReadonlyArray<string> }
  readonly y: string
  readonly show: (value: number) => string
  readonly lines: ReadonlyArray<{
    readonly name: string
    readonly isOurs: boolean
    readonly values: ReadonlyArray<number>
  }>
}

export const lineChart = ({ lines, name, show, title, x, y }: LineChartInput): Chart => ({
  name,
  title,
  height: 380,
  option: {
    ...frame(title, y),
    legend: { right: 24, top: 14, itemGap: 28, textStyle: text },
    grid: { left: 64, right: 40, top: 84, bottom: 64, outerBoundsMode: "none" },
    xAxis: {
      type: "category",
      name: x.name,
      nameLocation: "middle",
      nameGap: 32,
      nameTextStyle: text,
      data: x.labels,
      axisLabel: text
    },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { ...text, formatter: show },
      splitLine: { lineStyle: { color: faint } }
    },
    series: lines.map(({ isOurs, name, values }) => ({
      type: "line",
      name,
      data: values,
      symbolSize: 7,
      lineStyle: { width: 3, color: isOurs ? ours : other },
      itemStyle: { color: isOurs ? ours : other }
    }))
  }
})
