// Publishes an event: go run ./producer chat.message.sent '{"text": "hello"}'
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

// publish publishes the event and returns its id. A retry with the same Idempotency-Key publishes nothing twice.
func publish(eventType string, data json.RawMessage) (string, error) {
	body, err := json.Marshal(map[string]any{"type": eventType, "data": data})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(http.MethodPost, os.Getenv("OUTHOOK")+"/events", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	key := make([]byte, 16)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("OUTHOOK_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", hex.EncodeToString(key))
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("the reply is %s", reply.Status)
	}
	var event struct{ ID string }
	err = json.NewDecoder(reply.Body).Decode(&event)
	return event.ID, err
}

func main() {
	id, err := publish(os.Args[1], json.RawMessage(os.Args[2]))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("published", id)
}
