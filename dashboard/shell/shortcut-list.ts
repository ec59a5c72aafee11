// Every shortcut there is, by the keys it has at first: they are its name, whatever keys somebody gives it.

export const shortcutList = [
  { keys: '?', does: 'Show what keys work here', where: 'Everywhere' },
  { keys: '/', does: 'Go to the filter, or the search', where: 'Everywhere' },
  { keys: 'y', does: 'Copy a link that stays live', where: 'Everywhere' },
  { keys: 'Y', does: 'Copy a link to this very time', where: 'Everywhere' },
  { keys: '.', does: 'Actions of the row or the page', where: 'Everywhere' },
  { keys: 'g o', does: 'Go to Overview', where: 'Pages' },
  { keys: 'g t', does: 'Go to Timeline', where: 'Pages' },
  { keys: 'g a', does: 'Go to Analytics', where: 'Pages' },
  { keys: 'g l', does: 'Go to Alerts', where: 'Pages' },
  { keys: 'g q', does: 'Go to Queues', where: 'Pages' },
  { keys: 'g j', does: 'Go to Jobs', where: 'Pages' },
  { keys: 'g s', does: 'Go to Schedules', where: 'Pages' },
  { keys: 'g d', does: 'Go to Dead letters', where: 'Pages' },
  { keys: 'g b', does: 'Go to Breakers', where: 'Pages' },
  { keys: 'g h', does: 'Go to Webhooks', where: 'Pages' },
  { keys: 'g e', does: 'Go to Events', where: 'Pages' },
  { keys: 'g ,', does: 'Go to Settings', where: 'Pages' },
  { keys: 'j', does: 'Next row', where: 'Lists' },
  { keys: 'k', does: 'Previous row', where: 'Lists' },
  { keys: 'x', does: 'Select the row, or not', where: 'Lists' },
  { keys: 'X', does: 'Select all rows up to this one', where: 'Lists' },
  { keys: 'r', does: 'Retry or resubmit (asks first)', where: 'Jobs and dead letters' },
  { keys: 'e', does: 'Edit, or edit and run again', where: 'Jobs and dead letters' },
  { keys: 'c', does: 'Cancel (asks first)', where: 'Jobs and dead letters' },
  { keys: 't', does: 'Chart or table', where: 'Charts' },
  { keys: 'l', does: 'Follow now, or stop following', where: 'Timeline' },
  { keys: 'n', does: 'Next failure', where: 'Timeline' },
  { keys: 'N', does: 'Failure before', where: 'Timeline' },
  { keys: 'm', does: 'Add a note', where: 'Timeline' },
  { keys: 'b', does: 'Mark all in view, or let it go', where: 'Timeline' },
  { keys: 'v', does: 'Say what the window holds', where: 'Timeline' },
  { keys: '+', does: 'Zoom in', where: 'Timeline, in the chart' },
  { keys: '-', does: 'Zoom out', where: 'Timeline, in the chart' },
  { keys: 'w', does: 'Zoom in, too', where: 'Timeline, in the chart' },
  { keys: 's', does: 'Zoom out, too', where: 'Timeline, in the chart' },
  { keys: 'a', does: 'Earlier', where: 'Timeline, in the chart' },
  { keys: 'd', does: 'Later', where: 'Timeline, in the chart' },
  { keys: 'f', does: 'Fit the chosen run', where: 'Timeline, in the chart' },
  { keys: '0', does: 'Fit the whole range', where: 'Timeline, in the chart' },
  { keys: '[', does: 'The window before', where: 'Timeline, in the chart' },
  { keys: ']', does: 'The window after', where: 'Timeline, in the chart' },
  { keys: 'o', does: 'Show the run beside the chart', where: 'Timeline, in the chart' },
  { keys: 'p', does: 'Keep the lane at the top, or let it go', where: 'Timeline, in the chart' },
] as const

/** The keys a shortcut has at first. */
export type ShortcutId = (typeof shortcutList)[number]['keys']

const ids: readonly string[] = shortcutList.map(({ keys }) => keys)
export const isShortcutId = (keys: string): keys is ShortcutId => ids.includes(keys)
