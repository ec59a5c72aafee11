// The forms one name takes: in code, in file names, in sentences.
import { Refusal } from './plan.ts'

const words = (name: string): string[] =>
  name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== '')
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `report.build` → `ReportBuild` */
export const pascal = (name: string): string => words(name).map(capital).join('')

/** `report.build` → `reportBuild` */
export const camel = (name: string): string => pascal(name).charAt(0).toLowerCase() + pascal(name).slice(1)

/** `reportBuild` → `report-build` */
export const kebab = (name: string): string =>
  words(name)
    .map((word) => word.toLowerCase())
    .join('-')

/** Throws unless the name has the form that is asked for; says which that is. */
export const mustBe = (form: RegExp, name: string | undefined, example: string): string => {
  if (name !== undefined && form.test(name)) return name
  throw new Refusal(`${name === undefined ? 'a name is missing' : `${name} is no such name`}; give one like ${example}`)
}
