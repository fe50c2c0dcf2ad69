//! Running a program to its end.
//!
//! In: a command. Out: what it printed; an error with its last words when it failed. Never here:
//! processes that stay (see [`crate::process`]).

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// Runs `command` and gives what it wrote to stdout.
///
/// # Errors
///
/// When it can't be started or fails; the message holds the command and what it wrote.
pub fn run(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to start `{shown}`"))?;
    finish(&shown, output)
}

/// As [`run`], with `input` on stdin.
///
/// # Errors
///
/// As [`run`].
pub fn run_with_input(command: &mut Command, input: &str) -> Result<String> {
    let shown = show(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start `{shown}`"))?;
    let mut stdin = child.stdin.take().context("the child has no stdin")?;
    let input = input.to_owned();
    // On a thread of its own: the child may write before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child
        .wait_with_output()
        .with_context(|| format!("failed to wait for `{shown}`"))?;
    let written = writer
        .join()
        .map_err(|_| anyhow!("the writer of stdin panicked"))?;
    let text = finish(&shown, output)?;
    written.with_context(|| format!("failed to write to `{shown}`"))?;
    Ok(text)
}

fn finish(shown: &str, output: std::process::Output) -> Result<String> {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{shown}` failed ({}): {}{}",
            output.status,
            stderr.trim_end(),
            last_words(&stdout)
        );
    }
    Ok(stdout)
}

/// The end of a program's output, set off from what stands before it.
fn last_words(text: &str) -> String {
    match text.trim_end() {
        "" => String::new(),
        text => format!("\n{}", last_lines(text, 20)),
    }
}

/// The last `n` lines of `text`.
pub(crate) fn last_lines(text: &str, n: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(n);
    lines.get(start..).unwrap_or_default().join("\n")
}

/// A command as a person would type it.
fn show(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|it| it.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_the_command_and_its_last_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let message = run(&mut command).unwrap_err().to_string();
        for part in ["sh -c", "exit status: 3", "err", "out"] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
    }

    #[test]
    fn more_input_than_a_pipe_holds_passes_through() {
        let input = "x".repeat(1 << 20);
        assert_eq!(
            run_with_input(&mut Command::new("cat"), &input).unwrap(),
            input
        );
    }

    #[test]
    fn only_the_end_of_a_long_text_is_kept() {
        assert_eq!(last_lines("a\nb\nc", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }
}
