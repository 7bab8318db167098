// What is wrong with the page that stands here, as sentences. `language` is the one that the reader has chosen.
(language) => {
  const found = []
  const say = (text, element) => found.push(element ? `${text}: ${element.outerHTML.slice(0, 160)}` : text)
  const plain = (text) => text.replace(/\s+/g, " ").trim()

  const headings = document.querySelectorAll("h1")
  if (headings.length !== 1) say(`${headings.length} first headings`)
  else {
    // What is printed has its name in capitals.
    const heading = plain(headings[0].textContent).toLowerCase()
    const title = plain(document.title.replace(/ – docaxis$/, "")).toLowerCase()
    if (!title.startsWith(heading) && !heading.startsWith(title)) say(`title is "${title}", the page says "${heading}"`)
  }
  let level = 1
  for (const one of document.querySelectorAll("h1, h2, h3, h4")) {
    const own = Number(one.tagName[1])
    if (own > level + 1) say(`heading of level ${own} after level ${level}`, one)
    level = own
  }

  for (const table of document.querySelectorAll("table")) {
    if (!table.caption || !plain(table.caption.textContent)) say("table without caption", table)
    for (const head of table.querySelectorAll("th")) if (!head.scope) say("column or row head without scope", head)
    for (const cell of table.querySelectorAll("td, th"))
      // Only a place for a signature by hand is empty.
      if (!plain(cell.textContent) && !cell.matches(".signed") && !cell.querySelector("svg, img, input, select")) say("empty cell", cell)
  }
  for (const one of document.querySelectorAll("button[disabled], input[type=submit][disabled]")) say("disabled button", one)
  for (const one of document.querySelectorAll("main [style], [onclick], [onchange], style, script:not([src])")) say("inline style or script", one)
  for (const one of document.querySelectorAll("[id]"))
    if (document.querySelectorAll(`#${CSS.escape(one.id)}`).length > 1) say("id twice", one)

  // Text of the pages themselves: what is data stands in an element of its own that says its language.
  const asks = (element) => element.closest("code, pre, kbd, samp, .code, .mono, textarea, script, style, svg title")
  const vietnamese = /[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]/i
  // A document's number is the same in every language.
  const withoutNumbers = (text) => text.replace(/\d+\/\p{L}[\p{L}\d-]*/gu, "")
  const isData = (element) => element.closest("[lang]") !== document.documentElement
  const forms = [
    [/\b\d{4}-\d{2}-\d{2}\b/, "day is not written dd/MM/yyyy"],
    [/\b(\d\/\d{1,2}|\d{1,2}\/\d)\/\d{4}\b/, "day without its leading zero"],
    [/\b\d{1,2}:\d{2} ?[AP]M\b/i, "time of twelve hours"],
    [language === "vi" ? /\b\d{1,3}(,\d{3})+\b/ : /\b\d{1,3}(\.\d{3})+\b(?!\.)/, "number in the other language's form"],
    [/\b(None(?!:)|undefined|nan|NaN|True|False)\b/, "a word of the program"],
    [/%\(\w+\)s|\{\{|\}\}/, "a place that was not filled"],
    [/\bvui lòng\b|\brất tiếc\b|\bhệ thống\b|!(?=\s|$)/i, "a word or mark that we do not use"],
  ]
  const judge = (text, element) => {
    if (!text || isData(element)) return
    if (asks(element)) return
    if (language === "en" && vietnamese.test(withoutNumbers(text))) say(`not translated: "${text.slice(0, 80)}"`)
    for (const [form, sentence] of forms) if (form.test(text)) say(`${sentence}: "${text.slice(0, 80)}"`)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!element.closest("script, style")) judge(plain(walker.currentNode.data), element)
  }
  for (const name of ["title", "aria-label", "placeholder", "alt", "aria-roledescription"])
    for (const element of document.querySelectorAll(`[${name}]`)) {
      // A cell's name begins with its agency, and an attribute cannot say that it has two languages.
      const own = element.matches(".matrix [aria-label]") ? element.getAttribute(name).replace(/^[^,]+, /, "") : element.getAttribute(name)
      judge(plain(own), element)
    }
  for (const attribute of document.querySelectorAll("[data-drop], [data-live], [data-copy]"))
    for (const [name, value] of Object.entries(attribute.dataset))
      if (language === "en" && vietnamese.test(value) && !isData(attribute)) say(`not translated in data-${name}: "${value}"`)
  const own = [...document.querySelectorAll("h1[lang=vi], h1 [lang=vi]")].reduce(
    (title, data) => title.replace(plain(data.textContent), ""), plain(document.title))
  if (language === "en" && vietnamese.test(own) && !/[“"«]|\d\//.test(own)) say(`title not translated: "${document.title}"`)
  return [...new Set(found)]
}
