//! Templates (`"${x}"`, heredocs, `templatefile`) → texts in parts, each part at its own place.

use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::template::{Directive, Element, Template};

use super::eval::{Here, Scope};
use super::names::{Instance, World};
use super::source::Item;
use super::value::{MORE, PARTS, as_bool, as_text, fails, joined, parts, tagged, text, unknown, why};
use crate::document::hcl::{self, Origin};
use crate::document::{Content, Node, Style};
use crate::source::{Location, Source, Span as Bytes};
use crate::workspace::join;

/// A quoted template: a text where all is known, else why not. One expression alone is that expression.
pub(super) fn quoted(world: &World<'_>, template: &hcl_edit::template::StringTemplate, here: Here<'_>, at: &Location) -> Node {
    let mut elements = template.iter();
    if let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next()) {
        return world.eval(&only.expr, here);
    }
    joined(&parts(pieces(world, template.iter(), here), at), at)
}

/// A heredoc: its parts keep their places.
pub(super) fn heredoc(world: &World<'_>, template: &Template, here: Here<'_>, at: &Location) -> Node {
    parts(pieces(world, template.iter(), here), at)
}

fn pieces<'t>(world: &World<'_>, elements: impl Iterator<Item = &'t Element>, here: Here<'_>) -> Vec<Node> {
    let mut out = Vec::new();
    for element in elements {
        match element {
            Element::Literal(literal) => {
                let at = literal.span().map_or_else(|| here.origin.source.whole(), |s| span(here.origin, s));
                out.push(Node { content: Content::Scalar(literal.value().as_str().into(), Style::Literal), at, tag: None });
            }
            Element::Interpolation(interpolation) => {
                let value = world.eval(&interpolation.expr, here);
                match value.content {
                    Content::Sequence(items) if value.tag.as_deref() == Some(PARTS) => out.extend(items),
                    _ => out.push(value),
                }
            }
            Element::Directive(directive) => {
                let at = here.origin.place(0, 0);
                let made = world.deeper(&at, || parts(directed(world, directive, here, &at), &at));
                match made.content {
                    Content::Sequence(items) if made.tag.as_deref() == Some(PARTS) => out.extend(items),
                    // What a condition leaves out is no part: `%{ if i < n - 1 },%{ endif }`.
                    Content::Scalar(text, _) if text.is_empty() => {}
                    _ => out.push(made),
                }
            }
        }
    }
    out
}

fn span(origin: &Origin, span: std::ops::Range<usize>) -> Location {
    origin.place(span.start, span.end)
}

fn directed(world: &World<'_>, directive: &Directive, here: Here<'_>, at: &Location) -> Vec<Node> {
    match directive {
        Directive::If(choice) => match as_bool(&world.eval(&choice.if_expr.cond_expr, here)) {
            Ok(true) => pieces(world, choice.if_expr.template.iter(), here),
            Ok(false) => choice.else_expr.as_ref().map(|e| pieces(world, e.template.iter(), here)).unwrap_or_default(),
            Err(why) => vec![unknown(why, at)],
        },
        Directive::For(each) => {
            let collection = world.eval(&each.for_expr.collection_expr, here);
            let pairs: Vec<(Node, &Node)> = match &collection.content {
                Content::Sequence(items) if collection.tag.is_none() => {
                    items.iter().enumerate().map(|(i, n)| (text(i.to_string(), at), n)).collect()
                }
                Content::Mapping(entries) => entries.iter().map(|e| (e.key.clone(), &e.value)).collect(),
                Content::Expression(why) => return vec![unknown(why, at)],
                _ => return vec![fails("`for` goes over neither a list nor a mapping", at)],
            };
            let mut out = Vec::new();
            for (key, item) in pairs {
                if let (true, Some(why)) = (tagged(item, MORE), why(item)) {
                    out.push(unknown(why, at));
                    continue;
                }
                let value = Scope { name: each.for_expr.value_var.as_str(), value: item, outer: here.scope };
                let both = each.for_expr.key_var.as_ref().map(|k| Scope { name: k.as_str(), value: &key, outer: Some(&value) });
                let inner = Here { scope: Some(both.as_ref().unwrap_or(&value)), ..here };
                out.extend(pieces(world, each.for_expr.template.iter(), inner));
            }
            out
        }
    }
}

/// The file that a function names, inside the repository. Relative paths are those of the root module.
pub(super) fn file(world: &World<'_>, path: &Node, at: &Location) -> Result<Arc<Source>, Node> {
    let path = as_text(path).map_err(|why| unknown(why, at))?;
    let inside = match path.strip_prefix('/') {
        Some(absolute) => join("", absolute),
        None => join(&world.root, &path),
    };
    let Some(inside) = inside else { return Err(unknown("the file lies outside of the repository", at)) };
    world.workspace.read(&inside).map_err(|problem| {
        let why = problem.message.clone();
        world.problem(problem.warning());
        fails(why, at)
    })
}

/// A source as a text: the whole of it, so that what reads the text can point into the file.
pub(super) fn whole(source: &Arc<Source>) -> Node {
    text(source.text(), &source.at(Bytes { start: 0, end: source.text().len() }))
}

/// `templatefile`, `templatestring`: the template in `source` with the names in `vars`.
pub(super) fn render(world: &World<'_>, source: &Arc<Source>, vars: &Node, of: &Rc<Instance>, at: &Location) -> Node {
    let template = match hcl::template(source.text()) {
        Ok(template) => template,
        Err(why) => return unknown(format!("`{}` {why}", source.path()), at),
    };
    let origin = Origin::new(Arc::clone(source), 0);
    let entries = vars.entries();
    scoped(world, &template, entries, None, of, &origin)
}

/// Puts the entries into scope, one by one.
fn scoped(
    world: &World<'_>,
    template: &Template,
    entries: &[crate::document::Entry],
    scope: Option<&Scope<'_>>,
    of: &Rc<Instance>,
    origin: &Origin,
) -> Node {
    // One frame a name: bounded, for the list comes from a file.
    const MOST: usize = 256;
    let Some((first, rest)) = entries.split_first().filter(|(_, rest)| rest.len() < MOST) else {
        let at = origin.source.at(Bytes { start: 0, end: origin.source.text().len() });
        return world.deeper(&at, || heredoc(world, template, Here { of, origin, scope }, &at));
    };
    let name = first.key.text().unwrap_or("");
    let inner = Scope { name, value: &first.value, outer: scope };
    scoped(world, template, rest, Some(&inner), of, origin)
}

/// `data.template_file.x.rendered` of the template provider.
pub(super) fn template_file(world: &World<'_>, of: &Rc<Instance>, item: &Item, at: &Location) -> Node {
    let body = item.body();
    let here = Here { of, origin: &item.origin, scope: None };
    let Some(template) = body.get_attribute("template") else { return unknown("the template is not known", at) };
    let template = world.eval(&template.value, here);
    let vars = match (body.get_attribute("vars"), body.get_blocks("vars").next()) {
        (Some(attribute), _) => world.eval(&attribute.value, here),
        // As Terraform 0.11 wrote it.
        (None, Some(block)) => world.body(&block.body, here, at),
        (None, None) => super::value::map(Vec::new(), at),
    };
    let source = template.at.source();
    if template.text() == Some(source.text()) {
        return render(world, &Arc::clone(source), &vars, of, at);
    }
    match as_text(&template) {
        Ok(text) => render(world, &Source::new(template.at.path(), text), &vars, of, at),
        Err(why) => unknown(why, at),
    }
}
