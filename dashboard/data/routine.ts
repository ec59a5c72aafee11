// What the page asks for by itself, not because somebody just came or pressed something: refused once, it is not asked for again.
let underWay = false

/** Whether what is asked for now is asked for as a matter of routine. */
export const isRoutine = (): boolean => underWay

/** Does work whose loads, as far as they begin at once, are routine. */
export const asRoutine = (work: () => void): void => {
  underWay = true
  try {
    work()
  } finally {
    underWay = false
  }
}
