// What a table's column may say about itself.

export interface Column {
  id: string
  label: string
  align?: 'start' | 'end'
  /** Its place on a phone: first line left, first line right, second line with its label (the default), at the end of
   *  that line without one, or left out. */
  phone?: 'lead' | 'side' | 'detail' | 'foot' | 'hide'
}
