// The icons the dashboard uses, imported one by one so that the bundle holds no others.
import Bell from '@lucide/svelte/icons/bell'
import ArrowLeft from '@lucide/svelte/icons/arrow-left'
import Ban from '@lucide/svelte/icons/ban'
import CalendarClock from '@lucide/svelte/icons/calendar-clock'
import ChartColumn from '@lucide/svelte/icons/chart-column'
import ChartGantt from '@lucide/svelte/icons/chart-gantt'
import Check from '@lucide/svelte/icons/check'
import ChevronDown from '@lucide/svelte/icons/chevron-down'
import ChevronRight from '@lucide/svelte/icons/chevron-right'
import Circle from '@lucide/svelte/icons/circle'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CirclePause from '@lucide/svelte/icons/circle-pause'
import CirclePlay from '@lucide/svelte/icons/circle-play'
import Clock from '@lucide/svelte/icons/clock'
import Contrast from '@lucide/svelte/icons/contrast'
import Copy from '@lucide/svelte/icons/copy'
import Cpu from '@lucide/svelte/icons/cpu'
import Ellipsis from '@lucide/svelte/icons/ellipsis'
import ExternalLink from '@lucide/svelte/icons/external-link'
import House from '@lucide/svelte/icons/house'
import Info from '@lucide/svelte/icons/info'
import KeyRound from '@lucide/svelte/icons/key-round'
import Keyboard from '@lucide/svelte/icons/keyboard'
import Layers from '@lucide/svelte/icons/layers'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Lock from '@lucide/svelte/icons/lock'
import LogOut from '@lucide/svelte/icons/log-out'
import Monitor from '@lucide/svelte/icons/monitor'
import Moon from '@lucide/svelte/icons/moon'
import OctagonX from '@lucide/svelte/icons/octagon-x'
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import Radio from '@lucide/svelte/icons/radio'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import Search from '@lucide/svelte/icons/search'
import Server from '@lucide/svelte/icons/server'
import Settings from '@lucide/svelte/icons/settings'
import Sun from '@lucide/svelte/icons/sun'
import TriangleAlert from '@lucide/svelte/icons/triangle-alert'
import Unplug from '@lucide/svelte/icons/unplug'
import Webhook from '@lucide/svelte/icons/webhook'
import X from '@lucide/svelte/icons/x'

export const icons = {
  alert: Bell,
  analytics: ChartColumn,
  audit: ScrollText,
  back: ArrowLeft,
  barred: Ban,
  check: Check,
  clock: Clock,
  copy: Copy,
  done: CircleCheck,
  down: ChevronDown,
  event: Radio,
  failed: OctagonX,
  half: Contrast,
  held: Unplug,
  info: Info,
  jobs: ListChecks,
  key: KeyRound,
  keyboard: Keyboard,
  lock: Lock,
  more: Ellipsis,
  moon: Moon,
  out: ExternalLink,
  overview: House,
  pause: Pause,
  paused: CirclePause,
  play: Play,
  queue: Layers,
  retrying: RotateCw,
  right: ChevronRight,
  ring: Circle,
  running: CirclePlay,
  schedule: CalendarClock,
  search: Search,
  service: Server,
  settings: Settings,
  signout: LogOut,
  sun: Sun,
  system: Monitor,
  timeline: ChartGantt,
  warning: TriangleAlert,
  webhook: Webhook,
  worker: Cpu,
  close: X,
} as const

export type IconName = keyof typeof icons
