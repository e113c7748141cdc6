//! One value against its type: the input coercion of the specification, without making the coerced value.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Number};

use super::fault::{Faults, Origin, Path};
use super::look::{Look, Looked};
use super::types::{Kind, Shape, Slots, Types};

/// A place where a variable is written: the variable, the type asked for, whether the place has a default.
pub(super) struct Use<'u> {
    pub(super) variable: &'u Name,
    pub(super) ty: &'u Type,
    pub(super) has_default: bool,
}

/// Checks values; `variable` is asked about each variable inside a literal.
pub(super) struct Values<'c, F> {
    pub(super) types: &'c Types,
    pub(super) faults: &'c mut Faults,
    pub(super) variable: F,
}

impl<F: FnMut(&Use<'_>, &Path<'_>, &mut Faults)> Values<'_, F> {
    /// Checks a value in a place that may have a default.
    pub(super) fn check<V: Looked>(&mut self, ty: &Type, has_default: bool, value: &V, path: &Path<'_>) {
        if self.faults.is_full() {
            return;
        }
        match value.look() {
            Look::Variable(name) => (self.variable)(&Use { variable: name, ty, has_default }, path, self.faults),
            Look::Null if ty.nullable => {}
            Look::Null => self.required(ty, path),
            look => match &ty.base {
                BaseType::Named(name) => self.named(name, look, path),
                BaseType::List(inner) => match look {
                    Look::List(items) => {
                        for (index, item) in items.iter().enumerate() {
                            self.check(inner, false, item, &path.index(index));
                        }
                    }
                    // One value stands for a list of one.
                    _ => self.check(inner, false, value, path),
                },
            },
        }
    }

    /// Keeps that nothing stands where a value must be.
    pub(super) fn required(&mut self, ty: &Type, path: &Path<'_>) {
        self.faults.add(path, "REQUIRED", &[("expected", ty.to_string())]);
    }

    fn named<V: Looked>(&mut self, name: &str, look: Look<'_, V>, path: &Path<'_>) {
        match (self.types.kind(name), look) {
            (Some(Kind::Scalar(shape)), look) => self.scalar(name, *shape, &look, path),
            (Some(Kind::Enum(values)), look) => {
                let given = match look {
                    // JSON has no names, a document has no texts for them.
                    Look::Text(text) if path.origin() == Origin::Variables => text,
                    Look::Enum(name) => name,
                    other => return self.wrong_type(name, &other, path),
                };
                if !values.contains(given) {
                    let shown = [("expected", name.to_owned()), ("found", given.to_owned())];
                    self.faults.add(path, "UNKNOWN_ENUM_VALUE", &shown);
                }
            }
            (Some(Kind::Input { slots, one_of }), Look::Object(fields)) => {
                let before = self.faults.count();
                self.fields(slots, fields, path);
                if *one_of {
                    self.exactly_one(slots, fields, path, self.faults.count() == before);
                }
            }
            (Some(Kind::Input { .. }), other) => self.wrong_type(name, &other, path),
            (None | Some(Kind::Object(_) | Kind::Abstract(_)), _) => {}
        }
    }

    fn fields<V: Looked>(&mut self, slots: &Slots, fields: &IndexMap<Name, V>, path: &Path<'_>) {
        for (name, value) in fields {
            let path = path.field(name);
            match slots.get(name) {
                Some(slot) => self.check(&slot.ty, slot.has_default, value, &path),
                None => self.faults.add(&path, "UNKNOWN_INPUT_FIELD", &[]),
            }
            if self.faults.is_full() {
                return;
            }
        }
        for name in slots.required.iter().filter(|name| !fields.contains_key(name.as_str())) {
            if let Some(slot) = slots.get(name) {
                self.required(&slot.ty, &path.field(name));
            }
        }
    }

    /// `@oneOf`: one field, and its value is not null; a variable there must not be able to be null either, which is
    /// said of one that `fits` otherwise.
    fn exactly_one<V: Looked>(&mut self, slots: &Slots, fields: &IndexMap<Name, V>, path: &Path<'_>, fits: bool) {
        let mut given = fields.iter();
        let (Some((name, value)), None) = (given.next(), given.next()) else {
            return self.faults.add(path, "EXACTLY_ONE_FIELD", &[("found", fields.len().to_string())]);
        };
        let Some(slot) = slots.get(name) else { return };
        let certain = Type { base: slot.ty.base.clone(), nullable: false };
        match value.look() {
            Look::Null => self.required(&certain, &path.field(name)),
            Look::Variable(_) if fits => self.check(&certain, false, value, &path.field(name)),
            _ => {}
        }
    }

    fn scalar<V>(&mut self, name: &str, shape: Shape, look: &Look<'_, V>, path: &Path<'_>) {
        let fits = match (shape, look) {
            (Shape::Int, Look::Number(number)) => match whole(number) {
                Whole::Fits => true,
                Whole::TooLarge => {
                    let shown = [("min", i32::MIN.to_string()), ("max", i32::MAX.to_string())];
                    return self.faults.add(path, "OUT_OF_RANGE", &shown);
                }
                Whole::Not => false,
            },
            (Shape::Float | Shape::TextOrNumber, Look::Number(_))
            | (Shape::Text | Shape::Id | Shape::TextOrNumber, Look::Text(_))
            | (Shape::Boolean, Look::Boolean)
            | (Shape::Anything, _) => true,
            (Shape::Id, Look::Number(number)) => number.is_i64(),
            _ => false,
        };
        if !fits {
            self.wrong_type(name, look, path);
        }
    }

    fn wrong_type<V>(&mut self, expected: &str, found: &Look<'_, V>, path: &Path<'_>) {
        let shown = [("expected", expected.to_owned()), ("found", found.kind().to_owned())];
        self.faults.add(path, "WRONG_TYPE", &shown);
    }
}

enum Whole {
    Fits,
    TooLarge,
    Not,
}

/// An `Int` has 32 bits. A number beyond 64 is read as a binary fraction and is still a whole one.
fn whole(number: &Number) -> Whole {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) if i32::try_from(whole).is_ok() => Whole::Fits,
        (Some(_), _) => Whole::TooLarge,
        (None, Some(float)) if float.abs() >= 9_223_372_036_854_775_808.0 => Whole::TooLarge,
        (None, _) => Whole::Not,
    }
}
