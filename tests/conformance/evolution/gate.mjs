// Decides whether a schema may follow the last released one; docs/schema-changes.md has the rules. Nothing is read
// here, so that suite.mjs can try it on schemas made for it.
import { createHash } from 'node:crypto';
import { diff, CriticalityLevel } from '@graphql-inspector/core';
import { buildSchema, isEnumType, isInputObjectType, isIntrospectionType, resolveSchemaCoordinate } from 'graphql';

// What may grow without a line: clients are told to expect it.
const GROWTH = [
  'ENUM_VALUE_ADDED', 'FIELD_ARGUMENT_ADDED', 'INPUT_FIELD_ADDED', 'OBJECT_TYPE_INTERFACE_ADDED', 'UNION_MEMBER_ADDED',
];
const REASON = /^Use (\S+)\. Removed after (\d{4}-\d{2}-\d{2})\.$/;
const NEXT = 'Next';
const WHY = '<why, and what a client does instead>';

/// All that stands against `current`: sentences that say what to do. `releases` are texts by version, `changes` the
/// text of docs/schema-changes.md, `today` a day as YYYY-MM-DD.
export async function refusals({ releases, current, changes, today }) {
  const sections = read(changes);
  const last = Object.keys(releases).sort(byVersion).at(-1);
  if (!last) return ['There is no released contract in docs/releases.'];
  const [before, after] = [buildSchema(releases[last]), buildSchema(current)];
  return [
    ...ofReleases(releases, sections),
    ...ofDiff(await diff(before, after), sections),
    ...ofRemovals(before, after, today),
    ...ofReasons(before, after),
  ];
}

/// As the header X-Osh-Schema.
export const fingerprint = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/// The headings of the file: for each its first line and its list, lines that were wrapped put together.
function read(changes) {
  const sections = new Map();
  for (const part of changes.split(/^## /m).slice(1)) {
    const [heading, ...lines] = part.split('\n');
    const items = lines.join('\n').split(/^\* /m).slice(1).map((item) => item.split('\n\n')[0].trim());
    sections.set(heading.trim(), { first: lines.find((line) => line.trim()) ?? '', items: items.map(onOneLine) });
  }
  return sections;
}

const onOneLine = (text) => text.replace(/\s+/g, ' ');

/// A released contract is in two places, so that none is changed or added by accident.
function ofReleases(releases, sections) {
  const unknown = [...sections.keys()].filter((heading) => heading !== NEXT && !(heading in releases));
  const other = Object.entries(releases).flatMap(([version, text]) => {
    const line = `Contract: \`${fingerprint(text)}\`.`;
    if (sections.get(version)?.first === line) return [];
    return [`Under "## ${version}", docs/schema-changes.md must begin with: ${line} Released contracts stay.`];
  });
  const missing = sections.has(NEXT) ? [] : [`docs/schema-changes.md has no heading "## ${NEXT}".`];
  return [...missing, ...other, ...unknown.map((it) => `There is no docs/releases/${it}.graphql for "## ${it}".`)];
}

function ofDiff(found, sections) {
  const items = sections.get(NEXT)?.items ?? [];
  const tells = (item, { message }) => item.startsWith(`${message}: `);
  const declared = found.filter(({ type, path, criticality: { level } }) => level === CriticalityLevel.Breaking
    // What a deprecation says is judged by ofReasons.
    || (level === CriticalityLevel.Dangerous && !GROWTH.includes(type) && !path?.includes('@deprecated')));
  const isTold = (change) => items.some((item) => tells(item, change) && !item.includes(WHY));
  const missing = declared.filter((change) => !isTold(change));
  const stale = items.filter((item) => !declared.some((change) => tells(item, change)));
  return [
    ...missing.map(({ criticality, message }) => `${criticality.level}. If it must be, add to docs/schema-changes.md `
      + `under "## ${NEXT}":\n* ${message}: ${WHY}`),
    ...stale.map((item) => `The schema has no such change; take it out of docs/schema-changes.md:\n* ${item}`),
  ];
}

/// What is gone was announced in the released contract, and its day is over.
function ofRemovals(before, after, today) {
  const still = elements(after);
  const holds = (parent) => still.has(parent) || after.getType(parent) !== undefined;
  const gone = [...elements(before)].filter(([coordinate, { parent }]) => !still.has(coordinate) && holds(parent));
  return gone.flatMap(([coordinate, { reason }]) => {
    if (!reason) return [`${coordinate} is removed and was not deprecated in the last release: deprecate it first.`];
    const day = reason.match(REASON)?.[2];
    return day < today ? [] : [`${coordinate} is removed too early: it was promised until ${day}.`];
  });
}

/// Every reason has the fixed form, and a promise that was released is not shortened.
function ofReasons(before, after) {
  const [promised, now] = [elements(before), elements(after)];
  return [...now].filter(([, { reason }]) => reason != null).flatMap(([coordinate, { reason }]) => {
    const [, instead, day] = reason.match(REASON) ?? [];
    if (!instead) return [`${coordinate} is deprecated by "${reason}", not by "Use X. Removed after YYYY-MM-DD."`];
    const earlier = promised.get(coordinate)?.reason?.match(REASON)?.[2];
    return [
      ...(exists(after, instead) ? [] : [`${coordinate} names ${instead}, which the schema does not have.`]),
      ...(now.get(instead)?.reason == null ? [] : [`${coordinate} names ${instead}, which is deprecated itself.`]),
      ...(isDay(day) ? [] : [`${coordinate} names ${day}, which is no day.`]),
      ...(earlier > day ? [`${coordinate} was promised until ${earlier}, not only until ${day}.`] : []),
    ];
  });
}

/// Fields, arguments, input fields and enum values by their coordinate, each with what it is in.
function elements(schema) {
  const found = new Map();
  const add = (coordinate, parent, { deprecationReason: reason }) => found.set(coordinate, { parent, reason });
  for (const type of Object.values(schema.getTypeMap()).filter((it) => !isIntrospectionType(it))) {
    const members = isEnumType(type) ? type.getValues() : Object.values(type.getFields?.() ?? {});
    for (const member of members) {
      const coordinate = `${type.name}.${member.name}`;
      add(coordinate, type.name, member);
      if (isEnumType(type) || isInputObjectType(type)) continue;
      for (const argument of member.args) add(`${coordinate}(${argument.name}:)`, coordinate, argument);
    }
  }
  return found;
}

function exists(schema, coordinate) {
  try {
    return coordinate.includes('.') && resolveSchemaCoordinate(schema, coordinate) !== undefined;
  } catch {
    return false; // not a coordinate, or of a type that is not there
  }
}

const isDay = (day) => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);

function byVersion(one, other) {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
