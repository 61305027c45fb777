"""How a policy with tools writes in TRL's tool loop: as the served policy does.

A call is the JSON of the served policy, `{"thought": [...], "next": {"action": ...}}`, and what a
tool says is a user's turn. TRL needs both as a chat template, which renders calls and results, and
as a response template, which finds calls in what the model wrote.
"""

import json
from typing import Any, Final

from geoagent_graph.policies.model.actions import Action

TOOLS: Final[tuple[Action, ...]] = ("retrieve", "reverse_geocode", "verify", "zoom")

CHAT_TEMPLATE: Final = (
    "{% for message in messages %}"
    "<|im_start|>{{ 'user' if message['role'] == 'tool' else message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] in ('image', 'image_url') or 'image' in part %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{% for call in message['tool_calls'] or [] %}"
    """, "next": {"action": "{{ call['function']['name'] }}\""""
    "{% for name, value in call['function']['arguments'].items() %}"
    """, "{{ name }}": {{ value | tojson }}"""
    "{% endfor %}}}{% endfor %}"
    "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML; without tools the same text as Qwen2.5-VL's own template with a system turn."""

RESPONSE_TEMPLATE: Final[dict[str, Any]] = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open_pattern": r',\s*"next":\s*\{\s*"action":\s*"(?P<name>' + "|".join(TOOLS) + r')"',
            "close_pattern": r"\}\s*\}\s*",
            "repeats": True,
            "content": "xml-inline",
            "content_args": {
                "tag_pattern": r'"(?P<key>\w+)"\s*:\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s,}]+)',
                "value_parser": {"name": "json"},
            },
            "transform": {
                "type": "function",
                "function": {"name": "{name}", "arguments": "{content}"},
            },
        },
        "content": {"close_pattern": r"<\|im_end\|>\s*", "content": "text"},
    },
}


def speak_in_actions(processor: Any) -> None:
    """Let a processor render and read calls as the served policy writes them."""
    processor.chat_template = CHAT_TEMPLATE
    processor.tokenizer.response_template = RESPONSE_TEMPLATE


def thought_text(thought: str) -> str:
    """Return what a reply with a call begins with; the chat template writes the rest."""
    return '{"thought": ' + json.dumps([thought], ensure_ascii=False)
