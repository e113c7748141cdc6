// What the gate accepts and refuses, each as a change of one small released schema.
import { fingerprint } from './gate.mjs';

export const TODAY = '2026-06-01';

const until = (instead, day) => `@deprecated(reason: "Use ${instead}. Removed after ${day}.")`;

export const BEFORE = `
type Query implements Named {
  name: String!
  book(by: By, size: Int = 10, sort: Sort, late: Int ${until('Query.book(size:)', '2026-05-31')}): Book
  find(filter: Filter): [Thing!]
  gone: Int ${until('Query.name', '2026-05-31')}
  soon: Int ${until('Query.name', '2027-01-01')}
}
type Mutation { write(input: Filter!): Book }
interface Named { name: String! }
type Book implements Named { name: String! size: Int! tags: [String!]! }
type Film implements Named { name: String! }
union Thing = Book | Film
enum Sort { NAME SIZE OLD ${until('Sort.NAME', '2026-05-31')} }
input By @oneOf { id: ID name: String }
input Filter { text: String page: Int! = 1 old: Int ${until('Filter.page', '2026-05-31')} }
scalar Colour
`;

const OLDER = 'type Query { away: Int }';
const released = (version, text) => `## ${version}\nContract: \`${fingerprint(text)}\`.\n`;

/// docs/schema-changes.md with these lines.
export const section = (lines) => `## Next\n${lines.join('\n')}\n\n${released('1.0.0', BEFORE)}`;

const ENUM = "Enum value 'SIZE' was removed from enum 'Sort'";
const early = (place) => `${place} is removed and was not deprecated`;
const listed = (message) => `* ${message}: nobody used it`;

// what | replacements in BEFORE | lines under "## Next" | other arguments of the gate
export const ACCEPTED = [
  ['no change', []],
  ['a new field', [['size: Int!', 'size: Int! pages: Int']]],
  ['a new type', [['scalar Colour', 'scalar Colour type New { id: ID }']]],
  ['a new enum value', [['enum Sort {', 'enum Sort { RANK']]],
  ['a new member of a union', [['= Book | Film', '= Book | Film | Query']]],
  ['a new optional argument', [['sort: Sort', 'sort: Sort, more: Int']]],
  ['a new optional input field', [['text: String', 'text: String more: Int']]],
  ['a new input field with a default', [['text: String', 'text: String more: Int! = 2']]],
  ['a new interface of a type', [
    ['type Book implements Named', 'interface Sized { size: Int! } type Book implements Named & Sized']]],
  ['a field that is never null any more', [['soon: Int', 'soon: Int!']]],
  ['an argument that may be left out', [['input: Filter!', 'input: Filter']]],
  ['a description', [['scalar Colour', '"Of the cover." scalar Colour']]],
  ['a new deprecation', [['size: Int!', `size: Int! ${until('Book.tags', '2027-06-01')}`]]],
  ['a new deprecation for an argument', [['by: By', `by: By ${until('Query.find(filter:)', '2027-06-01')}`]]],
  ['a promise that is made longer', [['2027-01-01', '2027-06-01']]],
  ['a deprecation that is taken back', [[` ${until('Query.name', '2027-01-01')}`, '']]],
  ['a listed change of a type', [['size: Int!', 'size: Int']],
    [listed("Field 'Book.size' changed type from 'Int!' to 'Int'")]],
  ['a listed change on two lines', [['size: Int!', 'size: Int']],
    ["* Field 'Book.size' changed type\n  from 'Int!' to 'Int': nobody\n  used it", '\nMore words.']],
  ['a listed removal after its day', [[`gone: Int ${until('Query.name', '2026-05-31')}`, '']],
    [listed("Field 'gone' (deprecated) was removed from object type 'Query'")]],
  ['a listed removal of a whole type', [['scalar Colour', '']], [listed("Type 'Colour' was removed")]],
  ['what follows 0.10.0, not 0.9.0', [], [], { releases: { '0.9.0': OLDER, '0.10.0': BEFORE },
    changes: `## Next\n\n${released('0.10.0', BEFORE)}\n${released('0.9.0', OLDER)}` }],
];

// what | replacements | a part of each refusal | lines | other arguments of the gate
export const REFUSED = [
  ['a removed field, even a listed one', [['tags: [String!]!', '']], [early('Book.tags')],
    [listed("Field 'tags' was removed from object type 'Book'")]],
  ['a removed field that is not listed', [['tags: [String!]!', '']],
    ["* Field 'tags' was removed from object type 'Book': <why", early('Book.tags')]],
  ['a removal that is due and not listed', [[`gone: Int ${until('Query.name', '2026-05-31')}`, '']],
    ["* Field 'gone' (deprecated) was removed"]],
  ['a removal before its day', [[`soon: Int ${until('Query.name', '2027-01-01')}`, '']],
    ['Query.soon is removed too early: it was promised until 2027-01-01'],
    [listed("Field 'soon' (deprecated) was removed from object type 'Query'")]],
  ['a removal on its day', [[`gone: Int ${until('Query.name', '2026-05-31')}`, '']],
    ['Query.gone is removed too early'],
    [listed("Field 'gone' (deprecated) was removed from object type 'Query'")], { today: '2026-05-31' }],
  ['a removed enum value', [['NAME SIZE', 'NAME']], [`* ${ENUM}`, early('Sort.SIZE')]],
  ['a removed argument', [['size: Int = 10, ', '']],
    ["* Argument 'size: Int' was removed from field 'Query.book'", early('Query.book(size:)'),
      'Query.book(late:) names Query.book(size:), which the schema does not have']],
  ['a removed input field', [['text: String', '']], ["* Input field 'text' was removed", early('Filter.text')]],
  ['a removed type', [['scalar Colour', '']], ["* Type 'Colour' was removed"]],
  ['a removed member of a union', [['= Book | Film', '= Book']],
    ["* Member 'Film' was removed from Union type 'Thing'"]],
  ['a removed interface', [['type Film implements Named', 'type Film']], ["* 'Film' object type no longer implements"]],
  ['a removed root', [['type Mutation { write(input: Filter!): Book }', '']],
    ['* Schema mutation type', "* Type 'Mutation' was removed"]],
  ['another kind of type', [['scalar Colour', 'enum Colour { RED }']], ["* 'Colour' kind changed"]],
  ['a field that becomes nullable', [['size: Int!', 'size: Int']], ["* Field 'Book.size' changed type"]],
  ['entries of a list that become nullable', [['[String!]!', '[String]!']], ["* Field 'Book.tags' changed type"]],
  ['another type of a field', [['size: Int!', 'size: Float!']], ["* Field 'Book.size' changed type"]],
  ['another type of an argument', [['sort: Sort,', 'sort: String,']], ["* Type for argument 'sort'"]],
  ['an argument that must be given', [['by: By,', 'by: By!,']], ["* Type for argument 'by'"]],
  ['a new argument that must be given', [['by: By,', 'by: By, more: Int!,']], ["* Argument 'more: Int!' added"]],
  ['an input field that must be given', [['text: String', 'text: String!']],
    ["* Input field 'Filter.text' changed type"]],
  ['a new input field that must be given', [['text: String', 'text: String more: Int!']], ["* Input field 'more'"]],
  ['another default of an argument', [['size: Int = 10', 'size: Int = 20']], ["DANGEROUS. If it must be"]],
  ['a default that is gone', [['page: Int! = 1', 'page: Int!']], ["* Input field 'Filter.page' default value changed"]],
  ['exactly one of the fields', [['input Filter {', 'input Filter @oneOf {']], ["* Directive 'oneOf' was added"]],
  ['a line without a reason', [['size: Int!', 'size: Int']], ["* Field 'Book.size'", 'The schema has no such change'],
    ["* Field 'Book.size' changed type from 'Int!' to 'Int'"]],
  ['a line for a change that is not there', [], ["take it out of docs/schema-changes.md:\n* Type 'X'"],
    [listed("Type 'X' was removed")]],
  ['a line for growth', [['enum Sort {', 'enum Sort { RANK']], ['The schema has no such change'],
    [listed("Enum value 'RANK' was added to enum 'Sort'")]],
  ['a reason of another form', [['size: Int!', 'size: Int! @deprecated']],
    ['not by "Use X. Removed after YYYY-MM-DD."']],
  ['a replacement that is not there', [['size: Int!', `size: Int! ${until('Book.pages', '2027-06-01')}`]],
    ['Book.size names Book.pages, which the schema does not have']],
  ['a replacement that is only a type', [['size: Int!', `size: Int! ${until('Book', '2027-06-01')}`]],
    ['Book.size names Book, which the schema does not have']],
  ['a replacement that is deprecated', [['size: Int!', `size: Int! ${until('Query.soon', '2027-06-01')}`]],
    ['Book.size names Query.soon, which is deprecated itself']],
  ['a day that is none', [['size: Int!', `size: Int! ${until('Book.tags', '2027-02-30')}`]], ['which is no day']],
  ['a promise that is made shorter', [['2027-01-01', '2026-12-31']],
    ['Query.soon was promised until 2027-01-01, not only until 2026-12-31']],
  ['a released contract that was changed', [], ['must begin with: Contract: `'], [],
    { changes: section([]).replace(/`.*`/, '`000000000000`') }],
  ['a heading without a contract', [], ['There is no docs/releases/1.1.0.graphql'], [],
    { changes: `${section([])}\n## 1.1.0\n` }],
  ['a contract without a heading', [], ['Under "## 0.9.0"'], [], { releases: { '1.0.0': BEFORE, '0.9.0': BEFORE } }],
  ['no heading for what comes', [], ['has no heading "## Next"'], [],
    { changes: section([]).replace('Next', '1.0.0') }],
  ['no released contract', [], ['There is no released contract'], [], { releases: {} }],
];
