// The two opinions on a request: graphql-js on the contract, and the server's.
import {
  GraphQLError, Kind, buildSchema, getOperationAST, getVariableValues, parse, specifiedRules, validate,
} from 'graphql';
import { schemaText, url } from '../lib/server.mjs';

export const schema = buildSchema(schemaText);

// buildSchema takes anything for a scalar of ours; the contract says texts, and numbers for the exact ones.
const texts = ['Bin', 'KatoCode', 'OkedCode', 'Date', 'DateTime'];
const numbers = ['Decimal', 'Percent', 'Money'];
for (const name of [...texts, ...numbers]) {
  const fits = (is) => (value) => {
    if (!is(value)) throw new GraphQLError(`not a ${name}`);
    return value.value ?? value;
  };
  const number = numbers.includes(name);
  const kinds = number ? [Kind.STRING, Kind.INT, Kind.FLOAT] : [Kind.STRING];
  const scalar = schema.getType(name);
  scalar.parseValue = fits((value) => typeof value === 'string' || (number && typeof value === 'number'));
  scalar.parseLiteral = fits((node) => kinds.includes(node.kind));
}

// Recommended, but not of the specification: the server bounds introspection by its size.
export const rules = specifiedRules.filter(({ name }) => name !== 'MaxIntrospectionDepthRule');

/// What graphql-js has against a request; undefined when it would execute it.
export function expected(query, variables, operationName) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return `syntax: ${error.message}`;
  }
  const [fault] = validate(schema, document, rules, { maxErrors: 1 });
  if (fault) return fault.message;
  const operation = getOperationAST(document, operationName);
  if (!operation) return 'no such operation';
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  return errors?.[0].message;
}

/// The rules that refuse a document, each asked alone.
export function refusedBy(query) {
  try {
    const document = parse(query);
    return rules.filter((rule) => validate(schema, document, [rule]).length > 0).map(({ name }) => name);
  } catch {
    return ['syntax'];
  }
}

const isSubscription = (query, operationName) => {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    return false;
  }
};

// The first answer of an event stream. To nobody in particular the server tells nothing, so that there always is one.
function firstOf(stream) {
  const data = stream.match(/^data: (.*)$/m)?.[1];
  if (!data) throw new Error(`not an event: ${stream}`);
  return JSON.parse(data);
}

/// What the server has against a request, as nobody in particular: `{ code, text }`, or undefined when it executed it.
export async function found(query, variables, operationName) {
  const streamed = isSubscription(query, operationName);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: streamed ? 'text/event-stream' : 'application/graphql-response+json',
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const text = await response.text();
  const answer = streamed ? firstOf(text) : JSON.parse(text);
  const code = answer.errors?.[0].extensions?.code;
  // A subscription that may not be heard has no data, but it was understood.
  if ('data' in answer || (streamed && ['FORBIDDEN', 'UNAUTHENTICATED'].includes(code))) return undefined;
  if (!streamed && response.status < 400) throw new Error(`refused with ${response.status}: ${text}`);
  return { code, text };
}
